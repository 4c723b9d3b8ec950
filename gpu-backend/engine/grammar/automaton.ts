/**
 * A pattern as an automaton over bytes: Thompson's construction, made deterministic state by state
 * when a state is first reached. States are small integers; DEAD has no way to acceptance.
 */
import type { Pattern } from './pattern.ts';

export const DEAD = -1;
const UNKNOWN = -2;
/** Distance of a node that no way leads out of. */
const ENDLESS = 1 << 29;

type Edge = { readonly low: number; readonly high: number; readonly target: number };

type Node = {
  readonly edges: Edge[];
  readonly free: number[];
  /** Index into the limits, or -1 outside of string content. */
  readonly string: number;
};

/** Nodes that lead to a node. */
type Predecessors = { readonly free: number[]; readonly edges: number[] };

export class Automaton {
  readonly start: number;
  /** No state is farther from acceptance than this many bytes. */
  readonly distanceMax: number;
  readonly #nodes: Node[] = [];
  readonly #limits: number[] = [];
  readonly #final: number;
  /** Fewest bytes from each node to acceptance. */
  readonly #nodeDistances: Int32Array;
  readonly #states: number[][] = [];
  readonly #tables: Int32Array[] = [];
  readonly #ids = new Map<string, number>();
  readonly #distances: number[] = [];
  readonly #strings: number[] = [];

  constructor(pattern: Pattern) {
    const entry = this.#addNode(-1);
    this.#final = this.#addNode(-1);
    this.#build(pattern, entry, this.#final, -1);
    this.#nodeDistances = this.#measure();
    this.distanceMax = this.#nodeDistances.reduce(
      (max, value) => (value < ENDLESS ? Math.max(max, value) : max),
      0,
    );
    this.start = this.#stateOf([entry]);
  }

  /** The state after `byte`, or DEAD. */
  next(state: number, byte: number): number {
    const table = this.#tables[state] as Int32Array;
    const known = table[byte] as number;
    if (known !== UNKNOWN) return known;
    const targets: number[] = [];
    for (const node of this.#states[state] as number[]) {
      for (const edge of (this.#nodes[node] as Node).edges) {
        const isOpen = (this.#nodeDistances[edge.target] as number) < ENDLESS;
        if (isOpen && byte >= edge.low && byte <= edge.high) targets.push(edge.target);
      }
    }
    const result = targets.length === 0 ? DEAD : this.#stateOf(targets);
    table[byte] = result;
    return result;
  }

  isAccepting(state: number): boolean {
    return this.distance(state) === 0;
  }

  /** Fewest bytes from here to the end of the turn. */
  distance(state: number): number {
    return this.#distances[state] as number;
  }

  /** Which string's content this state is in the middle of; -1 when none. */
  stringAt(state: number): number {
    return this.#strings[state] as number;
  }

  bytesMax(string: number): number {
    return this.#limits[string] as number;
  }

  /** The next byte of the shortest way to acceptance, the same one each time; -1 when accepting. */
  closingByte(state: number): number {
    const distance = this.distance(state);
    for (let byte = 0; byte < 256 && distance > 0; byte++) {
      const next = this.next(state, byte);
      if (next !== DEAD && this.distance(next) === distance - 1) return byte;
    }
    return -1;
  }

  /** The only byte that may follow, or -1 where there is a choice or the end. */
  forcedByte(state: number): number {
    let forced = -1;
    for (let byte = 0; byte < 256; byte++) {
      if (this.next(state, byte) === DEAD) continue;
      if (forced !== -1) return -1;
      forced = byte;
    }
    return this.isAccepting(state) ? -1 : forced;
  }

  #addNode(string: number): number {
    return this.#nodes.push({ edges: [], free: [], string }) - 1;
  }

  #build(pattern: Pattern, from: number, to: number, string: number): void {
    const start = this.#nodes[from] as Node;
    switch (pattern.kind) {
      case 'bytes':
        for (const [low, high] of pattern.ranges) start.edges.push({ low, high, target: to });
        return;
      case 'sequence': {
        let current = from;
        pattern.parts.forEach((part, index) => {
          const next = index === pattern.parts.length - 1 ? to : this.#addNode(string);
          this.#build(part, current, next, string);
          current = next;
        });
        if (pattern.parts.length === 0) start.free.push(to);
        return;
      }
      case 'choice':
        for (const option of pattern.options) this.#build(option, from, to, string);
        return;
      case 'star': {
        const loop = this.#addNode(string);
        start.free.push(loop);
        this.#build(pattern.part, loop, loop, string);
        (this.#nodes[loop] as Node).free.push(to);
        return;
      }
      case 'string': {
        const id = this.#limits.push(pattern.bytesMax) - 1;
        const inside = this.#addNode(id);
        start.free.push(inside);
        this.#build(pattern.part, inside, to, id);
        return;
      }
    }
  }

  /** Breadth first from the end, against the edges: an edge costs one byte, a free move nothing. */
  #measure(): Int32Array {
    const before = this.#predecessors();
    const distances = new Int32Array(this.#nodes.length).fill(ENDLESS);
    let level = [this.#final];
    for (let distance = 0; level.length > 0; distance++) {
      const farther: number[] = [];
      // Grows while it is walked: what reaches it by free moves is as near.
      for (const node of level) {
        if ((distances[node] as number) <= distance) continue;
        distances[node] = distance;
        const { free, edges } = before[node] as Predecessors;
        level.push(...free);
        farther.push(...edges);
      }
      level = farther;
    }
    return distances;
  }

  #predecessors(): Predecessors[] {
    const before = this.#nodes.map((): Predecessors => ({ free: [], edges: [] }));
    this.#nodes.forEach(({ free, edges }, node) => {
      for (const target of free) before[target]?.free.push(node);
      for (const { target } of edges) before[target]?.edges.push(node);
    });
    return before;
  }

  #stateOf(nodes: readonly number[]): number {
    const closure = new Set(nodes);
    for (const node of closure) for (const target of (this.#nodes[node] as Node).free) closure.add(target);
    const members = [...closure].sort((a, b) => a - b);
    const key = members.join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.push(members) - 1;
    this.#ids.set(key, id);
    this.#tables.push(new Int32Array(256).fill(UNKNOWN));
    this.#distances.push(
      members.reduce((min, node) => Math.min(min, this.#nodeDistances[node] as number), ENDLESS),
    );
    this.#strings.push(members.reduce((max, node) => Math.max(max, (this.#nodes[node] as Node).string), -1));
    return id;
  }
}
