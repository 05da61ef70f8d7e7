/** The wall clock may be wrong or be set, the monotonic one stops in sleep: taps keep both raw, the server corrects. */

const SAMPLES = 50;

/** Both clocks at this moment, in ms. */
export function reading() {
  return { wall: Date.now(), mono: performance.now() };
}

/**
 * How far the server's clock is from ours, as in NTP: half-way between the two trips of one answer.
 * Within a minute only the quickest of those that agree is kept.
 */
export function withSample(samples, load, sent, back, server) {
  const sample = {
    load, mono: back.mono, wall: back.wall,
    offset_ms: Math.round((server.received - sent.wall + server.sent - back.wall) / 2),
    rtt_ms: Math.max(0, Math.round(back.mono - sent.mono - (server.sent - server.received))),
  };
  const last = samples.at(-1);
  const same = last && last.load === load && back.mono - last.mono < 60_000
    && Math.abs(last.offset_ms - sample.offset_ms) < 500;
  if (!same) return [...samples, sample].slice(-SAMPLES);
  return last.rtt_ms <= sample.rtt_ms ? samples : [...samples.slice(0, -1), sample];
}

/** The samples from `told` on; all of them where it is not among them. */
export function since(samples, told) {
  return samples.slice(Math.max(0, samples.findIndex(({ load, mono }) => load === told?.load && mono === told.mono)));
}

function moved(event, shift) {
  const { at, recorded_at: recordedAt, changes } = event;
  const both = { ...event, at: at + shift, recorded_at: recordedAt + shift };
  return changes?.at == null ? both : { ...both, changes: { ...changes, at: changes.at + shift } };
}

/**
 * The events on a clock that never runs backwards: a phone's clock may be set back in the middle of a session.
 * `ahead`: how far that clock is before the wall's now; what is stored is always the wall's.
 */
export function steady(events, load, reading) {
  let shift = 0;
  let last = null;
  const ahead = (wall, mono, ofLoad) => {
    const step = wall - last.recorded_at;
    // the monotonic clock says how long it really was, but only within one page load
    return step < 0 ? Math.max(0, ofLoad === last.load ? mono - last.mono : 0) - step : 0;
  };
  const steadied = events.map((event) => {
    if (last) shift += ahead(event.recorded_at, event.mono, event.load);
    last = event;
    return shift ? moved(event, shift) : event;
  });
  if (last) shift += ahead(reading.wall, reading.mono, load);
  return { events: steadied, now: reading.wall + shift, ahead: shift };
}
