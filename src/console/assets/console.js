import {
  ago,
  breakerTone,
  count,
  figuresOf,
  lagOf,
  objectsOf,
  outcomeTone,
  partiesOf,
  progressOf,
  pullTone,
  reasonsOf,
  searchesOf,
  statusTone,
} from './view.js';

const refreshMs = 3_000;
/** The whole chain is gone through on the server for this, so it is asked for seldom. */
const verifyMs = 60_000;
const tokenKey = 'roamhub.admin-token';
const auditRows = 15;
const parkedRows = 20;
const messageRows = 25;

const at = (id) => document.getElementById(id);
let verifiedAt = Number.NEGATIVE_INFINITY;

class TokenRefused extends Error {}

/** One call of the admin API; its problem's sentence is what is thrown. */
async function ask(path, parameters) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(tokenKey)}` };
  const response = await window.fetch(parameters === undefined ? path : `${path}?${new URLSearchParams(parameters)}`, {
    headers,
    cache: 'no-store',
  });
  if (response.status === 401) throw new TokenRefused('The hub does not take this token.');
  const json = await response.json();
  if (!response.ok) throw new Error(json.detail ?? `The hub answered ${response.status}.`);
  return { json, total: Number(response.headers.get('X-Total-Count')) };
}

/** Builds an element; texts are set as text, so nothing that a partner calls itself is ever markup. */
function element(name, content = '', classes = '') {
  const made = document.createElement(name);
  if (classes !== '') made.className = classes;
  if (content instanceof Node) made.append(content);
  else made.textContent = content;
  return made;
}

const pill = (text, tone) => element('span', text, `pill ${tone}`);

function fill(id, rows, empty) {
  const made = rows.map((cells) => {
    const row = document.createElement('tr');
    row.append(...cells.map(([content, classes]) => element('td', content, classes)));
    return row;
  });
  if (made.length === 0 && empty !== undefined) {
    const cell = element('td', empty, 'quiet');
    cell.colSpan = 99;
    const row = document.createElement('tr');
    row.append(cell);
    made.push(row);
  }
  at(id).replaceChildren(...made);
}

function showPartners(partners, lanes, now) {
  const byPartner = new Map(lanes.map((lane) => [lane.partner_id, lane]));
  const rows = partners.map((partner) => {
    const lane = byPartner.get(partner.id);
    const lag = lagOf(lane);
    return [
      [partner.name],
      [pill(partner.status.toLowerCase(), statusTone(partner.status))],
      [partiesOf(partner.roles)],
      [objectsOf(partner.objects), 'number'],
      [lag.tone === '' ? lag.text : pill(lag.text, lag.tone), 'number'],
      [lane === undefined ? '–' : count(lane.in_flight), 'number'],
      [lane === undefined ? '–' : count(lane.parked), 'number'],
      [lane === undefined ? '–' : pill(lane.breaker, breakerTone(lane.breaker))],
      [ago(partner.last_seen, now), 'quiet'],
    ];
  });
  fill('partners', rows, 'Nobody is registered yet. Invite a partner: roamhub invite create --help');
}

function remarkOf(pull) {
  const [most] = pull.refusals;
  const why = most ? `${count(most.count)} × ${most.reason}, such as ${most.sample || 'one without id'}` : '';
  return [pull.detail ?? '', why].filter(Boolean).join(' ');
}

function showPulls(pulls) {
  at('pulls-section').hidden = pulls.length === 0;
  fill(
    'pulls',
    pulls.map((pull) => {
      const percent = progressOf(pull);
      const bar = document.createElement('progress');
      bar.max = 100;
      if (percent !== undefined) bar.value = percent;
      const seen = pull.total === null ? count(pull.objects) : `${count(pull.objects)} of ${count(pull.total)}`;
      const progress = element('span', `${seen} `);
      if (pull.state === 'running') progress.append(bar);
      return [
        [pull.partner],
        [`${pull.module} of ${pull.party.replace('/', '-')}`],
        [pill(pull.state, pullTone(pull.state))],
        [progress],
        [count(pull.stored), 'number'],
        [count(pull.refused), 'number'],
        [remarkOf(pull), 'quiet'],
      ];
    }),
  );
}

function showParked(parked, total, now) {
  at('parked-section').hidden = total === 0;
  at('parked-count').textContent = total > parked.length ? `${count(total)}, the newest ${parked.length} shown` : '';
  fill(
    'parked',
    parked.map((one) => [
      [one.partner],
      [`${one.module} ${one.object}`],
      [one.reason],
      [count(one.attempts), 'number'],
      [ago(one.parked_at, now), 'quiet'],
    ]),
  );
}

/** The first of the ways to look for it that finds something. */
async function findMessages() {
  const searches = searchesOf(at('wanted').value);
  for (const [index, search] of searches.entries()) {
    const { json } = await ask('/api/messages', { ...search, limit: messageRows });
    if (json.messages.length > 0 || index === searches.length - 1) return json;
  }
}

/** Rows that somebody has opened stay open when the page is brought up to date. */
const openMessages = new Set();

function reasonsCell(message) {
  const [first = '', ...others] = reasonsOf(message);
  const details = document.createElement('details');
  details.open = openMessages.has(message.seq);
  details.addEventListener('toggle', () => {
    if (details.open) openMessages.add(message.seq);
    else openMessages.delete(message.seq);
  });
  details.append(element('summary', first === '' ? 'details' : first));
  for (const line of others) details.append(element('div', line));
  details.append(element('div', `${message.method} ${message.path}`, 'path'));
  details.append(element('div', `HTTP ${message.http_status}, OCPI ${message.status_code}`));
  details.append(element('div', `Request id ${message.request_id}`));
  details.append(element('div', `Correlation id ${message.correlation_id}`));
  return details;
}

function showMessages({ messages, next }, now) {
  at('messages-note').textContent = next === null ? '' : `the newest ${count(messages.length)}`;
  const rows = messages.map((message) => [
    [ago(message.at, now), 'quiet'],
    [message.from ?? message.partner],
    [message.to ?? '–'],
    [`${message.method} ${message.module}`],
    [message.scenario ?? '–'],
    [pill(message.outcome, outcomeTone(message.outcome))],
    [`${count(Math.round(message.duration_ms))} ms`, 'number'],
    [reasonsCell(message), 'quiet'],
  ]);
  fill('messages', rows, at('wanted').value.trim() === '' ? 'Nothing yet.' : 'No message fits.');
}

function showAudit({ entries, chain }, now) {
  if (chain !== null) {
    at('chain').textContent = chain.intact ? 'chain intact' : `chain broken at ${chain.first_broken}`;
    at('chain').className = `pill ${chain.intact ? 'good' : 'bad'}`;
  }
  const rows = entries.map((entry) => [
    [ago(entry.at, now), 'quiet'],
    [entry.actor],
    [entry.action],
    [entry.subject],
    [entry.result === 'ok' ? entry.result : pill(entry.result, 'warn')],
  ]);
  fill('audit', rows, 'Nothing yet.');
}

async function showReady() {
  const response = await window.fetch('/ready', { cache: 'no-store' });
  const { ready, reasons, degraded } = await response.json();
  const tone = ready ? (degraded.length === 0 ? 'good' : 'warn') : 'bad';
  at('ready').className = `pill ${tone}`;
  at('ready').textContent = ready ? (degraded.length === 0 ? 'ready' : 'degraded') : 'not ready';
  notice([...reasons, ...degraded].join(' '));
}

function notice(text) {
  at('notice').textContent = text;
  at('notice').hidden = text === '';
}

/** Shows the form (with why, if there is a reason) or the figures. */
function open(known, why = '') {
  at('ask').hidden = known;
  at('main').hidden = !known;
  at('forget').hidden = !known;
  if (why !== '') notice(why);
  if (!known) at('token').focus();
}

async function showFigures() {
  const verify = performance.now() - verifiedAt > verifyMs;
  const [partners, lanes, pulls, parked, audit, messages] = await Promise.all([
    ask('/api/partners'),
    ask('/api/lanes'),
    ask('/api/pulls'),
    ask(`/api/parked?limit=${parkedRows}`),
    ask(`/api/audit?limit=${auditRows}&verify=${verify}`),
    findMessages(),
  ]);
  if (verify) verifiedAt = performance.now();
  const now = Date.now();
  const figures = figuresOf(partners.json, lanes.json, parked.total).map(([name, value]) => {
    const group = document.createElement('div');
    group.append(element('dt', name), element('dd', value));
    return group;
  });
  at('figures').replaceChildren(...figures);
  showPartners(partners.json, lanes.json, now);
  showPulls(pulls.json);
  showParked(parked.json, parked.total, now);
  showMessages(messages, now);
  showAudit(audit.json, now);
  at('as-of').textContent = `as of ${new Date(now).toLocaleTimeString()}`;
}

async function refresh() {
  try {
    await showReady();
    if (sessionStorage.getItem(tokenKey) === null) return open(false);
    await showFigures();
    open(true);
  } catch (error) {
    if (error instanceof TokenRefused) {
      sessionStorage.removeItem(tokenKey);
      open(false, error.message);
      return;
    }
    // What is shown stays, with its time, so that nobody takes it for the present.
    at('ready').className = 'pill bad';
    at('ready').textContent = 'no answer';
    notice(error instanceof TypeError ? 'The hub cannot be reached.' : error.message);
  }
}

at('ask').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem(tokenKey, at('token').value.trim());
  at('token').value = '';
  void refresh();
});

at('find').addEventListener('submit', (event) => {
  event.preventDefault();
  void refresh();
});

at('forget').addEventListener('click', () => {
  sessionStorage.removeItem(tokenKey);
  location.reload();
});

/** Hidden tabs ask for nothing; the next turn begins when the last one is done. */
async function turn() {
  if (!document.hidden && document.activeElement !== at('token')) await refresh();
  setTimeout(turn, refreshMs);
}

await refresh();
void turn();
