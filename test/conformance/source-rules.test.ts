import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** House rules that neither the linter nor the import rules can say. Each is a pattern that no source line may match. */
interface SourceRule {
  name: string;
  pattern: RegExp;
  /** Paths (below src) that may. */
  except: RegExp;
  breach: string;
  harmless: string;
}

const rules: SourceRule[] = [
  {
    name: 'time is read in kernel/clock only, so that every test can set it',
    pattern: /\bDate\.now\b|\bnew Date\(\s*\)/,
    except: /^kernel\/clock\.ts$/,
    breach: 'const at = new Date();',
    harmless: 'const at = new Date(clock.now());',
  },
  {
    name: 'node:http and node:https are imported whole, so that tests can intercept requests',
    pattern: /^import\s+(?!type\b)(?:\w+\s*,\s*)?(?:\{|\*).*from 'node:https?'/,
    except: /^$/,
    breach: "import { request } from 'node:http';",
    harmless: "import http from 'node:http';",
  },
  {
    name: 'what belongs to one vendor stays in extensions',
    pattern: /\bhere_ext\b|\bhereExt\b|['"/]here['"/]/,
    except: /^(extensions|generated|simulator|app)\//,
    breach: "const extension = location['here_ext'];",
    harmless: '// nothing happens here',
  },
  {
    name: 'the type checker and the linter are not switched off in places',
    pattern: /@ts-(ignore|expect-error|nocheck)|biome-ignore|eslint-disable/,
    except: /^generated\//,
    breach: '// @ts-ignore',
    harmless: '// ignore what is unknown',
  },
];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)testing\//.test(file),
);

describe('the sources', () => {
  it.each(rules)('$name', ({ pattern, except }) => {
    const breaches = sources
      .filter((file) => !except.test(file))
      .flatMap((file) =>
        readFileSync(`src/${file}`, 'utf8')
          .split('\n')
          .flatMap((line, index) => (pattern.test(line) ? [`src/${file}:${index + 1}: ${line.trim()}`] : [])),
      );
    expect(breaches).toEqual([]);
  });

  it.each(rules)('would be caught: $breach', ({ pattern, breach, harmless }) => {
    expect(pattern.test(breach)).toBe(true);
    expect(pattern.test(harmless)).toBe(false);
  });
});
