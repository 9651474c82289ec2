import { api } from '../api/client';
import type { Guide, RelatedSearch, Understood } from '../api/types';

/** Aids is what helps a search on: guides, related searches, what may have been meant. */
export class Aids {
  guides = $state.raw<Guide[]>([]);
  related = $state.raw<RelatedSearch[]>([]);
  understood = $state.raw<Understood | undefined>(undefined);
  /** Whether the guides have come, or will not. */
  ready = $state(false);
  /** Whether it is known what was meant, or cannot be. */
  read = $state(false);

  constructor(q: string, user: string | undefined) {
    api
      .guides(q, user)
      .then((g) => {
        this.guides = g.guides;
        this.related = g.related;
      }, ignore)
      .finally(() => (this.ready = true));
    api
      .understand(q)
      .then((u) => (this.understood = u), ignore)
      .finally(() => (this.read = true));
  }
}

// They help; without them a search still stands.
function ignore() {}

const MOST = 32;
const kept = new Map<string, Aids>();

/** The aids to a search, asked for once: going back finds them as they were. */
export function aidsFor(q: string, user: string | undefined): Aids {
  const key = `${user ?? ''} ${q}`;
  const a = kept.get(key) ?? new Aids(q, user);
  kept.delete(key);
  kept.set(key, a);
  while (kept.size > MOST) kept.delete(kept.keys().next().value!);
  return a;
}
