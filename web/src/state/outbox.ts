import type { EventBody, EventResult, EventType } from '../api/types';
import { uuid } from '../lib/words';

export type Draft = Omit<EventBody, 'id' | 'time' | 'type'> & { type: EventType };
export type Post = (events: EventBody[], keepalive: boolean) => Promise<EventResult[]>;

interface Options {
  /** How long events gather before they are sent, ms. 1500 when 0. */
  delay?: number;
  /** Where unsent events wait across a reload; nowhere when absent. */
  storage?: Storage;
}

const KEY = 'bowerbird.outbox';
const BATCH = 100;
const MOST = 2000; // events kept while the server is away; the oldest go first

/**
 * Outbox sends events in batches. An event gets its id once, when it is drafted:
 * every retry carries the same id, so the server counts it once.
 */
export class Outbox {
  private queue: EventBody[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending = false;
  private failures = 0;

  constructor(
    private readonly post: Post,
    private readonly o: Options = {},
  ) {
    try {
      this.queue = JSON.parse(o.storage?.getItem(KEY) ?? '[]') as EventBody[];
    } catch {
      this.queue = [];
    }
    if (this.queue.length) this.arm();
  }

  /** Events not yet acknowledged. */
  get waiting(): number {
    return this.queue.length;
  }

  /** Queues an event. */
  add(d: Draft): EventBody {
    const e = draft(d);
    this.queue.push(e);
    if (this.queue.length > MOST) this.queue.splice(0, this.queue.length - MOST);
    if (this.queue.length >= BATCH) void this.flush();
    else this.arm();
    return e;
  }

  /** Sends one event at once and says whether it was taken; throws if not. */
  async now(d: Draft): Promise<EventResult> {
    const e = draft(d);
    let last: unknown;
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const [r] = await this.post([e], false);
        if (r?.error) throw new Refused(r.error.message);
        return r ?? {};
      } catch (err) {
        last = err;
        if (!retryable(err)) break;
      }
    }
    throw last;
  }

  /** Sends what is queued. Never throws: a failure is tried again later. */
  async flush(): Promise<void> {
    if (this.sending || this.queue.length === 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.sending = true;
    const batch = this.queue.slice(0, BATCH);
    try {
      await this.post(batch, false);
      // What the server refused one by one would be refused again: it is dropped.
      this.drop(batch);
      this.failures = 0;
    } catch (e) {
      if (retryable(e)) this.failures++;
      else this.drop(batch);
    } finally {
      this.sending = false;
    }
    this.keep();
    if (this.queue.length) this.arm();
  }

  /** The page is going away: hand everything to the browser, and keep a copy. */
  leave(): void {
    if (this.queue.length === 0) return;
    this.keep();
    const batch = this.queue.slice(0, BATCH);
    this.post(batch, true).then(
      () => {
        this.drop(batch);
        this.keep();
      },
      () => {},
    );
  }

  private drop(batch: EventBody[]): void {
    const gone = new Set(batch.map((e) => e.id));
    this.queue = this.queue.filter((e) => !gone.has(e.id));
  }

  private keep(): void {
    try {
      if (this.queue.length) this.o.storage?.setItem(KEY, JSON.stringify(this.queue));
      else this.o.storage?.removeItem(KEY);
    } catch {
      // The storage is full or refused; the queue in memory is still there.
    }
  }

  private arm(): void {
    if (this.timer !== undefined) return;
    const wait = (this.o.delay || 1500) * Math.min(40, 2 ** this.failures);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, wait);
  }
}

/** The server took the batch but refused this event. */
export class Refused extends Error {}

function draft(d: Draft): EventBody {
  return { id: uuid(), time: Date.now(), ...d };
}

/** A refusal of the request itself (4xx) will not improve; a missing key or too many requests may. */
function retryable(e: unknown): boolean {
  if (e instanceof Refused) return false;
  const status = (e as { status?: number }).status;
  return status === undefined || status >= 500 || status === 429 || status === 401 || status === 408;
}
