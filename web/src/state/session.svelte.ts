import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api } from '../api/client';
import { ApiError } from '../api/errors';
import type { Board, Item, Shown, User } from '../api/types';
import { nameOf } from '../lib/words';
import { Outbox } from './outbox';
import { forgetFeeds } from './feed.svelte';
import { toasts } from './toasts.svelte';

const USER = 'bowerbird.user';
const RECENT = 'bowerbird.recent';
const LAST = 'bowerbird.lastboard';

/** Session is the one store of who is browsing and what they did here. */
class Session {
  user = $state.raw<User | null>(read<User>(USER));
  boards = $state.raw<Board[]>([]);
  boardsError = $state.raw<unknown>(undefined);
  boardsReady = $state(false);
  recent = $state.raw<string[]>(read<string[]>(RECENT) ?? []);
  lastBoards = $state.raw<Record<string, string>>(read<Record<string, string>>(LAST) ?? {});
  /** Boards that an item was saved to, as far as this visit knows. */
  readonly saved = new SvelteMap<string, string[]>();
  readonly hidden = new SvelteSet<string>();
  readonly mutedOwners = new SvelteSet<string>();
  readonly mutedTopics = new SvelteSet<string>();
  /** People and boards followed during this visit: "person ID", "board ID". */
  readonly followed = new SvelteSet<string>();
  /** Items seen on walls: a close-up opens at once with what is known. */
  private readonly known = new Map<string, Shown>();
  readonly outbox = new Outbox((events, keepalive) => api.events(events, keepalive), { storage: safeSession() });

  get userID(): string | undefined {
    return this.user?.id;
  }

  become(u: User | null): void {
    if (u?.id === this.user?.id) return;
    void this.outbox.flush();
    this.user = u;
    write(USER, u && { id: u.id, name: u.name });
    this.saved.clear();
    this.hidden.clear();
    this.mutedOwners.clear();
    this.mutedTopics.clear();
    this.followed.clear();
    this.boards = [];
    this.boardsReady = false;
    forgetFeeds();
    void this.loadBoards();
  }

  async loadBoards(): Promise<void> {
    const user = this.userID;
    if (!user) {
      this.boardsReady = true;
      return;
    }
    try {
      const boards = await api.boardsOf(user, user);
      if (user !== this.userID) return;
      this.boards = boards;
      this.boardsError = undefined;
    } catch (e) {
      if (e instanceof ApiError && e.status === 404 && user === this.userID) {
        // Another data folder is served at this address now.
        toasts.say(`${nameOf(this.user!)} is not known here: browsing as nobody`);
        this.become(null);
        return;
      }
      this.boardsError = e;
    }
    this.boardsReady = true;
  }

  /** The board that was saved to last, if it still exists. */
  get lastBoard(): Board | undefined {
    const id = this.lastBoards[this.userID ?? ''];
    return this.boards.find((b) => b.id === id);
  }
  remember(board: string): void {
    this.lastBoards = { ...this.lastBoards, [this.userID ?? '']: board };
    write(LAST, this.lastBoards);
  }

  searched(q: string): void {
    this.recent = [q, ...this.recent.filter((x) => x !== q)].slice(0, 8);
    write(RECENT, this.recent);
  }
  forgetSearch(q?: string): void {
    this.recent = q === undefined ? [] : this.recent.filter((x) => x !== q);
    write(RECENT, this.recent);
  }

  meet(x: Shown): void {
    this.known.delete(x.id);
    this.known.set(x.id, x);
    if (this.known.size > 600) this.known.delete(this.known.keys().next().value!);
  }
  recall = (id: string): Shown | undefined => this.known.get(id);

  /** Names of people met as owners; the id stands in until the name is known. */
  private readonly names = new SvelteMap<string, string>();
  nameOf(id: string): string {
    return this.names.get(id) || id;
  }
  /** Asks for a person's name, once. */
  async learn(id: string | undefined): Promise<void> {
    if (!id || this.names.has(id)) return;
    this.names.set(id, '');
    try {
      this.names.set(id, (await api.user(id)).name ?? '');
    } catch {
      // The id is shown instead; an owner need not be a known person.
    }
  }

  /** Whether the person asked not to see this; and why. */
  refused(x: Item): '' | 'hidden' | 'owner' | 'topic' {
    if (this.hidden.has(x.id)) return 'hidden';
    if (x.owner && this.mutedOwners.has(x.owner)) return 'owner';
    if (this.mutedTopics.size && x.categories?.some((c) => this.mutedTopics.has(c))) return 'topic';
    return '';
  }
}

function read<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null;
  } catch {
    return null;
  }
}

function write(key: string, v: unknown): void {
  try {
    if (v === null || v === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(v));
  } catch {
    // Private windows may refuse; the choice then lasts for this visit.
  }
}

function safeSession(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

export const session = new Session();
