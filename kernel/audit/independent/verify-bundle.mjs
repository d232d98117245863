// Verifies an exported audit log with neither database nor the product's code. Node's own modules only.
//   node verify-bundle.mjs BUNDLE.jsonl [--key NAME=BASE64]... [--checkpoint FILE]...
// --key pins the key of the log or of a witness (else the bundle's own word is taken, and said so);
// --checkpoint gives a signed checkpoint that somebody else kept: the log must contain it.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const hash = (...parts) => parts.reduce((h, p) => h.update(p), createHash('sha256')).digest();
const leaf = (data) => hash(Buffer.from([0]), data);
const node = (left, right) => hash(Buffer.from([1]), left, right);

/** RFC 6962 section 2.1, level by level; a last hash alone moves up. */
function root(leaves) {
  if (leaves.length === 0) return hash('');
  let level = leaves;
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i < level.length; i += 2) next.push(i + 1 < level.length ? node(level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

/** RFC 9162 section 2.1.4.2. */
function consistent(oldSize, size, oldRoot, newRoot, path) {
  if (oldSize === 0) return path.length === 0;
  if (oldSize === size) return path.length === 0 && oldRoot.equals(newRoot);
  const proof = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...path] : [...path];
  const first = proof.shift();
  if (!first) return false;
  let fn = oldSize - 1;
  let sn = size - 1;
  while (fn % 2 === 1) [fn, sn] = [(fn - 1) / 2, Math.floor(sn / 2)];
  let fr = first;
  let sr = first;
  for (const c of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [node(c, fr), node(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn / 2, Math.floor(sn / 2)];
    } else sr = node(sr, c);
    [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
  }
  return sn === 0 && fr.equals(oldRoot) && sr.equals(newRoot);
}

function parseNote(note) {
  const cut = note.indexOf('\n\n');
  const text = note.slice(0, cut + 1);
  const [origin, size, rootText, ...more] = text.split('\n');
  if (cut < 0 || more.length !== 1 || more[0] !== '' || !/^(0|[1-9][0-9]*)$/.test(size))
    throw new Error('not a checkpoint');
  return {
    text,
    origin,
    size: Number(size),
    root: Buffer.from(rootText, 'base64'),
    lines: note.slice(cut + 2).split('\n'),
  };
}

const ed25519 = (key, message, signature) =>
  verify(
    null,
    Buffer.from(message),
    createPublicKey({
      key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key]),
      format: 'der',
      type: 'spki',
    }),
    signature,
  );

/** The signature bytes that key `name` of note type `type` put on one of the lines. */
function signatures(lines, name, key, type) {
  const id = hash(`${name}\n`, Buffer.from([type]), key).subarray(0, 4);
  return lines
    .map((l) => l.trimEnd())
    .filter((l) => l.startsWith(`— ${name} `))
    .map((l) => Buffer.from(l.slice(`— ${name} `.length), 'base64'))
    .filter((b) => b.subarray(0, 4).equals(id))
    .map((b) => b.subarray(4));
}
const logSigned = (note, name, key) => signatures(note.lines, name, key, 1).some((s) => ed25519(key, note.text, s));
const cosigned = (note, line, name, key) =>
  signatures([line], name, key, 4).some(
    (s) => s.length === 72 && ed25519(key, `cosignature/v1\ntime ${s.readBigUInt64BE(0)}\n${note.text}`, s.subarray(8)),
  );

/** RFC 8785 for texts, whole numbers, booleans, lists and objects: all that an event is made of. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`).join(',')}}`;
}

/** Gives the list of faults; empty means that the bundle holds. `pinned` maps key names to base64 keys. */
export function verifyBundle(text, { pinned = new Map(), checkpoints: elsewhere = [] } = {}) {
  const faults = [];
  const fault = (what) => faults.push(what);
  let records;
  try {
    records = text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
  } catch {
    return { faults: ['a line is not JSON'], summary: {} };
  }
  const log = records[0];
  const end = records.at(-1);
  if (log?.type !== 'log' || log.version !== 1)
    return { faults: ['the first line does not describe a log'], summary: {} };
  if (end?.type !== 'end' || end.lines !== records.length - 1)
    fault('the bundle does not end where it says: lines are missing or added');
  const keyOf = ({ name, publicKey }) => {
    if (pinned.has(name) && pinned.get(name) !== publicKey)
      fault(`the bundle brings another key for ${name} than the pinned one`);
    return Buffer.from(pinned.get(name) ?? publicKey, 'base64');
  };
  const logKey = keyOf(log.logKey);
  const witnesses = log.witnesses.map((w) => ({ name: w.name, key: keyOf(w) }));

  // Leaves: numbers without a gap; only what the log says to be expired may come as a bare hash.
  const leaves = [];
  const events = new Map();
  for (const record of records.filter((r) => r.type === 'leaf' || r.type === 'entry')) {
    if (record.index !== leaves.length) {
      fault(`number ${leaves.length} is missing or out of order`);
      break;
    }
    if (record.type === 'leaf') {
      if (record.index >= (log.expired?.upTo ?? 0)) fault(`number ${record.index} has no body and is not expired`);
      leaves.push(Buffer.from(record.hash, 'hex'));
      continue;
    }
    leaves.push(leaf(record.body));
    try {
      const body = JSON.parse(record.body);
      if (canonical(body) !== record.body) fault(`number ${record.index}: not canonical`);
      if (body.instance !== log.instance) fault(`number ${record.index}: from another log`);
      if (events.has(body.eventId)) fault(`number ${record.index}: event ${body.eventId} stands twice`);
      events.set(body.eventId, { index: record.index, body, facts: new Map() });
    } catch {
      fault(`number ${record.index}: the body is not JSON`);
    }
  }
  if (leaves.length !== log.size) fault(`the log has ${log.size} events and the bundle ${leaves.length}`);
  if (log.expired) {
    const named = events.get(log.expired.eventId);
    // An event younger than the last checkpoint is not in the bundle yet.
    if (named && (named.body.event !== 'audit.expired' || named.body.detail?.upTo !== log.expired.upTo))
      fault('the expiry is not what its event says');
    if (!named) fault('no event in the bundle names the expired range');
  }

  // Facts: the digests under each event give the root that the event commits to.
  for (const f of records.filter((r) => r.type === 'fact')) {
    const event = events.get(f.eventId);
    if (!event) {
      fault(`fact ${f.table} ${f.key} belongs to no event`);
      continue;
    }
    if (!event.facts.has(f.table)) event.facts.set(f.table, []);
    event.facts.get(f.table).push(leaf(`${f.table}\n${f.key}\n${f.digest}\n`));
  }
  for (const { index, body, facts } of events.values()) {
    const named = new Map((body.facts ?? []).map((f) => [f.table, f]));
    for (const table of new Set([...named.keys(), ...facts.keys()])) {
      const found = facts.get(table) ?? [];
      const stated = named.get(table);
      if (stated?.count !== found.length || stated.root !== root(found).toString('hex'))
        fault(`number ${index}: the digests of ${table} are not those that the event commits to`);
    }
  }

  // Checkpoints: signed, continuing each other, and each the root of the leaves below it.
  let last = { size: 0, root: hash('') };
  let cosignatures = 0;
  let checkpoints = 0;
  const check = (noteText, label) => {
    try {
      const note = parseNote(noteText);
      if (note.origin !== log.origin || log.origin !== log.logKey.name) fault(`${label}: another origin`);
      if (!logSigned(note, log.logKey.name, logKey)) fault(`${label}: the log's signature does not hold`);
      if (note.size > leaves.length)
        fault(`${label}: the log was longer (${note.size}) than the bundle (${leaves.length})`);
      else if (!root(leaves.slice(0, note.size)).equals(note.root))
        fault(`${label}: the root over ${note.size} events differs`);
      return note;
    } catch (error) {
      fault(`${label}: ${error.message}`);
      return undefined;
    }
  };
  for (const record of records.filter((r) => r.type === 'checkpoint')) {
    const label = `checkpoint ${++checkpoints}`;
    const note = check(record.note, label);
    if (!note) continue;
    const path = record.consistency.map((h) => Buffer.from(h, 'hex'));
    if (
      record.from !== last.size ||
      note.size < last.size ||
      !consistent(last.size, note.size, last.root, note.root, path)
    ) {
      fault(`${label}: does not continue the one before`);
    }
    for (const line of record.cosignatures) {
      const witness = witnesses.find((w) => line.startsWith(`— ${w.name} `));
      if (!witness) continue; // keys that nobody named are ignored, as the note format asks
      if (cosigned(note, line, witness.name, witness.key)) cosignatures += 1;
      else fault(`${label}: the cosignature of ${witness.name} does not hold`);
    }
    last = note;
  }
  if (last.size !== log.size) fault('the last checkpoint does not cover the bundle');
  for (const [i, note] of elsewhere.entries()) check(note, `checkpoint from elsewhere ${i + 1}`);
  const unpinned = [log.logKey, ...log.witnesses].map((k) => k.name).filter((name) => !pinned.has(name));
  return { faults, summary: { origin: log.origin, events: leaves.length, checkpoints, cosignatures, unpinned } };
}

function main(args) {
  const pinned = new Map();
  const elsewhere = [];
  const files = [];
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--key') {
      const [name, key] = args[++i].split(/=(.*)/s);
      pinned.set(name, key);
    } else if (args[i] === '--checkpoint') elsewhere.push(readFileSync(args[++i], 'utf8'));
    else files.push(args[i]);
  }
  if (files.length !== 1) {
    console.error('usage: verify-bundle.mjs BUNDLE.jsonl [--key NAME=BASE64]... [--checkpoint FILE]...');
    return 2;
  }
  const { faults, summary } = verifyBundle(readFileSync(files[0], 'utf8'), { pinned, checkpoints: elsewhere });
  for (const f of faults) console.error(`FAULT ${f}`);
  if (summary.unpinned?.length)
    console.error(`note: taken from the bundle itself: the keys of ${summary.unpinned.join(', ')}`);
  console.log(JSON.stringify({ ok: faults.length === 0, ...summary, faults }));
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
