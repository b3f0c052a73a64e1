import net from 'node:net';

/**
 * Addresses that are nobody's public server: private, local, documentation, multicast and transition ranges
 * (threat T8). 192.88.99/24, 2002::/16, 2001::/23 and the NAT64 prefixes wrap other addresses and so are closed whole.
 */
const blockedV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

/** Special ranges inside 2000::/3; everything outside of 2000::/3 is closed without being listed. */
const blockedV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'];

/** What the development switch opens: this machine and private networks, and nothing else. */
const developmentNetworks = ['127.0.0.0/8', '::1/128', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

const rememberedAddresses = 1_000;

const ipv4 = 'ipv4';
const ipv6 = 'ipv6';

/** Which addresses the hub may connect to. */
export class AddressRanges {
  private readonly blocked = listOf([...blockedV4, ...blockedV6]);
  private readonly globalUnicast = listOf(['2000::/3']);
  private readonly mapped = listOf(['::ffff:0:0/96']);
  private readonly opened: net.BlockList;
  /** Answers of `isOpened`, asked at every call for literals; BlockList makes a native object each time. */
  private readonly known = new Map<string, boolean>();

  /**
   * @param allowedNetworks the operator's CIDR list; an entry that is none throws a RangeError.
   * @param development opens loopback and private networks too.
   */
  constructor(allowedNetworks: readonly string[], development: boolean) {
    this.opened = listOf(development ? [...allowedNetworks, ...developmentNetworks] : allowedNetworks);
  }

  /** Whether a *resolved* address may be connected to. What is no IP address may not. */
  allows(address: string): boolean {
    if (this.isOpened(address)) return true;
    switch (net.isIP(address)) {
      case 4:
        return !this.blocked.check(address, ipv4);
      case 6: {
        if (address.includes('%')) return false;
        // BlockList looks through ::ffff:a.b.c.d and applies the IPv4 rules to it.
        const unicast = this.globalUnicast.check(address, ipv6) || this.mapped.check(address, ipv6);
        return unicast && !this.blocked.check(address, ipv6);
      }
      default:
        return false;
    }
  }

  /** Whether the operator (or the development switch) named the network of this address. */
  isOpened(address: string): boolean {
    const known = this.known.get(address);
    if (known !== undefined) return known;
    const family = net.isIP(address);
    const opened = family !== 0 && !address.includes('%') && this.opened.check(address, family === 4 ? ipv4 : ipv6);
    if (this.known.size >= rememberedAddresses) this.known.clear();
    this.known.set(address, opened);
    return opened;
  }
}

function listOf(networks: readonly string[]): net.BlockList {
  const list = new net.BlockList();
  for (const network of networks) {
    const [address = '', prefix = ''] = network.trim().split('/');
    const family = net.isIP(address);
    const width = family === 4 ? 32 : 128;
    const bits = prefix === '' ? width : Number(prefix);
    if (family === 0 || !Number.isInteger(bits) || bits < 0 || bits > width) {
      throw new RangeError(`"${network}" is no network such as 10.1.0.0/16`);
    }
    list.addSubnet(address, bits, family === 4 ? ipv4 : ipv6);
  }
  return list;
}
