/** Random names made on the phone. `crypto.randomUUID` is missing on plain-http addresses, so nothing here uses it. */

/** @param {number} bytes @returns {string} */
export function token(bytes = 12) {
  return hex(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Names this page load: monotonic times compare only within one. */
export const load = token(8);

let lastMs = 0;
let count = 0;

/**
 * A UUID version 7, ordered by time: that keeps the server's index small. A 12-bit counter keeps the order within
 * one millisecond and over a clock set back.
 * @param {number} [now] ms since the epoch
 */
export function uuid7(now = Date.now()) {
  const b = crypto.getRandomValues(new Uint8Array(16));
  if (now > lastMs) {
    lastMs = now;
    count = ((b[6] & 7) << 8) | b[7];
  } else if (++count > 0xfff) {
    lastMs += 1;
    count = b[7];
  }
  for (let i = 5, ms = lastMs; i >= 0; i--, ms = Math.floor(ms / 256)) b[i] = ms % 256;
  b[6] = 0x70 | (count >> 8);
  b[7] = count & 255;
  b[8] = 0x80 | (b[8] & 0x3f);
  return hex(b).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
