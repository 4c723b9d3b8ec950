/** Rendezvous hashing: a run keeps its backend, and its KV cache, however the list changes around it. */

/** The backends in the order in which this key prefers them. */
export function byPreference(backends: readonly string[], key: string): string[] {
  return backends
    .map((backend) => ({ backend, weight: fnv1a(`${key}\n${backend}`) }))
    .sort((left, right) => right.weight - left.weight || (left.backend < right.backend ? -1 : 1))
    .map(({ backend }) => backend);
}

/** FNV-1a over UTF-16 units with a final mix, 32 bits. Spreads, does not protect. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
