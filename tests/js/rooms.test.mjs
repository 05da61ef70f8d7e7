import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const folder = new URL('../../static/js/', import.meta.url);
const source = Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf-8')]));
const code = (name) => source[name].replace(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
const filesWith = (pattern) => Object.keys(source).filter((name) => pattern.test(code(name))).sort();
const imports = (name) => [...code(name).matchAll(/from '\.\/([\w.]+)'/g)].map((match) => match[1]).sort();

test('only the outbox knows the store, only the relay sends for it', () => {
  assert.deepEqual(filesWith(/indexedDB/), ['outbox.js']);
  assert.deepEqual(filesWith(/api\/v1\/batches/), ['relay.js']);
});

test('the road of a tap touches no page', () => {
  for (const name of ['ids.js', 'clock.js', 'timeline.js', 'gestures.js', 'late.js', 'outcome.js', 'undo.js', 'view.js', 'session.js', 'outbox.js']) {
    assert.doesNotMatch(code(name), /\bdocument\b/, name);
  }
});

test('who imports whom', () => {
  assert.deepEqual(imports('timeline.js'), []);
  assert.deepEqual(imports('clock.js'), []);
  assert.deepEqual(imports('outbox.js'), ['ids.js']);
  assert.deepEqual(imports('relay.js'), ['clock.js', 'ids.js', 'outbox.js']);
  assert.deepEqual(imports('gestures.js'), ['outcome.js']);
  assert.deepEqual(imports('outcome.js'), ['undo.js']);
  assert.deepEqual(imports('undo.js'), ['timeline.js']);
  assert.deepEqual(imports('late.js'), []);
  assert.deepEqual(imports('stretches.js'), []);
  assert.deepEqual(imports('view.js'), ['clock.js', 'timeline.js']);
  assert.deepEqual(imports('session.js'), ['clock.js', 'ids.js', 'outbox.js', 'undo.js', 'view.js']);
  assert.deepEqual(filesWith(/from '\.\/pad\.js'/), []);
});
