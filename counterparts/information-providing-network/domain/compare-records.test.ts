import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disagreementOf, type Word } from './compare-records.ts';

const gave = (result: string): Word => ({ result, refusal: null });
const refused = (refusal: string): Word => ({ result: null, refusal });

const rows = [
  ['all three have the answer', gave('00'), gave('00'), gave('00'), undefined],
  [
    'all three have the refusal',
    refused('permit-expired'),
    refused('permit-expired'),
    refused('permit-expired'),
    undefined,
  ],
  ['nobody was reached', refused('provider-unavailable'), refused('provider-unavailable'), undefined, undefined],
  ['nothing came of the permit yet', null, undefined, undefined, undefined],
  [
    'the answer was lost on the way back',
    refused('provider-unavailable'),
    refused('provider-unavailable'),
    gave('00'),
    'not-taken',
  ],
  ['the asker never took it', gave('00'), refused('provider-unavailable'), gave('00'), 'not-taken'],
  ['the asker has no record of it', gave('00'), undefined, gave('00'), 'missing-at-asker'],
  ['the provider has no record of what was given', gave('00'), gave('00'), undefined, 'missing-at-provider'],
  [
    'the provider has no record of its refusal',
    refused('own-list-refuses'),
    refused('own-list-refuses'),
    undefined,
    'missing-at-provider',
  ],
  ['the network never had the answer', null, gave('00'), gave('00'), 'missing-at-network'],
  ['the provider says otherwise', gave('00'), gave('00'), gave('20'), 'results-differ'],
  ['the asker says otherwise', gave('00'), gave('50'), gave('00'), 'results-differ'],
  ['the network says otherwise', gave('50'), gave('00'), gave('00'), 'results-differ'],
] as const;
for (const [what, network, asker, provider, expected] of rows)
  test(`design §4.3 three records: ${what}`, () =>
    assert.equal(disagreementOf({ network, asker, provider }), expected));
