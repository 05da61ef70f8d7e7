/** The task lists, fetched while there is network and kept for when there is none. */
import * as outbox from './outbox.js';

/** @param {string} clinic @returns {Promise<object|null>} the newest that this phone can get */
export async function taskList(clinic) {
  const kept = await outbox.pad(clinic);
  try {
    const response = await fetch(`/api/v1/clinics/${encodeURIComponent(clinic)}/pad`, {
      credentials: 'same-origin', redirect: 'error', cache: 'no-store',
      headers: kept?.etag ? { 'If-None-Match': kept.etag } : {},
      signal: 'timeout' in AbortSignal ? AbortSignal.timeout(kept ? 4000 : 20_000) : undefined,
    });
    if (response.status === 200) {
      const pad = await response.json();
      if (pad.clinic === clinic) {
        await outbox.keepPad({ clinic, etag: response.headers.get('ETag'), pad });
        return pad;
      }
    }
  } catch { /* offline, or not our server: what is kept will do */ }
  return kept?.pad ?? null;
}
