import { ApiError, AwayError, isAbort } from './errors';
import type {
  Board, Card, Completion, Crop, EventBody, EventResult, Explanation, Guide, Item, Models, PageAnswer, Picture, RelatedSearch, Status, Understood, User,
} from './types';
import { marksOf, OPEN, SHUT } from '../lib/marks';

/** What every surface may be asked with. */
export interface Ask {
  user?: string;
  limit?: number;
  cursor?: string;
  where?: string[];
  signal?: AbortSignal;
}

/** What a search may be asked with beside that. */
export interface AskSearch extends Ask {
  filter?: string[];
  sort?: string;
  positive?: string[];
  negative?: string[];
  /** Fields to count, "*" for the commonest; with them comes the number of all that match. */
  facets?: string;
  matching?: 'any' | 'last';
  /** How unlike each other the results are to look, 0 to 1. */
  diversity?: number;
}

type Query = Record<string, string | number | boolean | string[] | undefined>;

const KEY = 'bowerbird.key';

/** Client speaks the /v1 interface. It keeps no state but the API key. */
export class Client {
  /** Called when the server asks for an API key. */
  onKeyNeeded: () => void = () => {};

  constructor(private readonly doFetch: typeof fetch = (...a) => fetch(...a)) {}

  get key(): string {
    return sessionStorage.getItem(KEY) ?? '';
  }
  set key(k: string) {
    if (k) sessionStorage.setItem(KEY, k);
    else sessionStorage.removeItem(KEY);
  }

  feed = (a: Ask) => this.page(a.user ? '/v1/feed' : '/v1/explore', a);
  explore = (a: Ask) => this.page('/v1/explore', a);
  related = (item: string, a: Ask) => this.page(`/v1/items/${esc(item)}/related`, a);
  ideas = (board: string, a: Ask) => this.page(`/v1/boards/${esc(board)}/ideas`, a);

  search = (q: string, a: AskSearch) =>
    this.page('/v1/search', a, {
      q, filter: a.filter, sort: a.sort, positive: a.positive, negative: a.negative, matchingStrategy: a.matching, diversity: a.diversity,
      facets: a.facets, disjunctiveFacets: a.facets ? true : undefined,
      attributesToHighlight: 'title', highlightPreTag: OPEN, highlightPostTag: SHUT,
    });

  /** How many items match. */
  async found(q: string, a: AskSearch): Promise<number> {
    const p = await this.page('/v1/search', { ...a, limit: 1 }, { q, filter: a.filter, matchingStrategy: a.matching, count: true });
    return p.estimatedTotalHits ?? p.items.length;
  }

  async guides(q: string, user?: string, signal?: AbortSignal): Promise<{ guides: Guide[]; related: RelatedSearch[] }> {
    const r = await this.get<{ guides?: Guide[]; related?: RelatedSearch[] }>('/v1/guides', { q, user, limit: 12 }, signal);
    return { guides: (r.guides ?? []).map(pictured), related: (r.related ?? []).map(pictured) };
  }

  async understand(q: string, signal?: AbortSignal): Promise<Understood> {
    const r = await this.get<Partial<Understood>>('/v1/understand', { q, limit: 4 }, signal);
    return { ...r, filters: r.filters ?? [], relaxed: r.relaxed ?? [] };
  }

  async trending(signal?: AbortSignal): Promise<RelatedSearch[]> {
    return ((await this.get<{ searches?: RelatedSearch[] }>('/v1/trending', { limit: 12 }, signal)).searches ?? []).map(pictured);
  }

  goesWith = (item: string, a: Ask) => this.page(`/v1/items/${esc(item)}/goes-with`, a);

  /** Parts of an item's picture that stand out. */
  async regions(item: string, signal?: AbortSignal): Promise<Crop[]> {
    return (await this.get<{ regions?: Crop[] }>(`/v1/items/${esc(item)}/regions`, {}, signal)).regions ?? [];
  }

  /** The other items that show an item's picture. */
  async copies(item: string, signal?: AbortSignal): Promise<Item[]> {
    const r = await this.get<{ items?: Item[] }>(`/v1/items/${esc(item)}/duplicates`, {}, signal);
    return (r.items ?? []).filter((x) => x.id !== item).map(itemOf);
  }

  /** Search by an item's picture or by an uploaded file, or by parts of either; like it but otherwise (colour=blue); made alike. */
  async visual(of: { item?: string; file?: Blob; crop?: Crop; crops?: Crop[]; move?: string[]; style?: boolean }, a: Ask): Promise<PageAnswer> {
    const url = withQuery('/v1/search/visual', { where: a.where });
    const common = { user: a.user, limit: a.limit, cursor: a.cursor };
    if (!of.file) {
      return pageOf(await this.send('POST', url, { item: of.item, crop: of.crop, crops: of.crops, move: of.move, style: of.style || undefined, ...common }, a.signal));
    }
    const form = new FormData();
    form.set('picture', of.file, of.file instanceof File ? of.file.name : 'picture');
    if (of.crop) form.set('crop', JSON.stringify(of.crop));
    if (of.crops) form.set('crops', JSON.stringify(of.crops));
    for (const m of of.move ?? []) form.append('move', m);
    if (of.style) form.set('style', 'true');
    for (const [k, v] of Object.entries(common)) if (v) form.set(k, String(v));
    return pageOf(await this.send('POST', url, form, a.signal));
  }

  async complete(q: string, user?: string, signal?: AbortSignal): Promise<Completion[]> {
    const r = await this.get<{ completions?: Completion[] }>('/v1/complete', { q, user, limit: 12 }, signal);
    return (r.completions ?? []).map(pictured);
  }

  explain = (request: string, item: string, signal?: AbortSignal) =>
    this.get<Explanation>('/v1/explain', { request, item }, signal);

  item = async (id: string, signal?: AbortSignal) =>
    itemOf(await this.get<Item>(`/v1/items/${esc(id)}`, {}, signal));

  async upload(file: Blob, fields: { title?: string; description?: string; tags?: string; user?: string; board?: string }) {
    const form = new FormData();
    form.set('picture', file, file instanceof File ? file.name : 'picture');
    for (const [k, v] of Object.entries(fields)) if (v) form.set(k, v);
    const r = await this.send<{ item: Item }>('POST', '/v1/uploads', form);
    return itemOf(r.item);
  }

  users = (limit: number, after?: string, signal?: AbortSignal) =>
    this.get<{ users?: User[]; next?: string }>('/v1/users', { limit, after }, signal);
  user = (id: string, signal?: AbortSignal) => this.get<User>(`/v1/users/${esc(id)}`, {}, signal);
  putUser = (u: User) => this.send<unknown>('PUT', `/v1/users/${esc(u.id)}`, { id: u.id, name: u.name });

  /** A person's boards; as says who asks, since secret boards are shown to their owner only. */
  async boardsOf(user: string, as?: string, item?: string, signal?: AbortSignal): Promise<Board[]> {
    const r = await this.get<{ boards?: Board[] }>(`/v1/users/${esc(user)}/boards`, { item, user: as }, signal);
    return (r.boards ?? []).map((b) => ({ ...b, cover: b.cover?.map(pictureURL) }));
  }
  board = (id: string, as?: string, signal?: AbortSignal) => this.get<Board>(`/v1/boards/${esc(id)}`, { user: as }, signal);
  putBoard = (b: Board) =>
    this.send<unknown>('PUT', `/v1/boards/${esc(b.id)}`, {
      id: b.id, title: b.title, description: b.description, owner: b.owner, secret: b.secret,
    });
  deleteBoard = (id: string) => this.send<unknown>('DELETE', `/v1/boards/${esc(id)}`);
  async boardItems(id: string, as: string | undefined, limit: number, after?: string, signal?: AbortSignal) {
    const r = await this.get<{ items?: Item[]; next?: string }>(`/v1/boards/${esc(id)}/items`, { user: as, limit, after }, signal);
    return { items: (r.items ?? []).map(itemOf), next: r.next };
  }

  status = (signal?: AbortSignal) => this.get<Status>('/v1/status', {}, signal);
  models = (signal?: AbortSignal) => this.get<Models>('/v1/models', {}, signal);

  /** Posts events. keepalive lets the browser finish after the page is gone. */
  async events(events: EventBody[], keepalive = false): Promise<EventResult[]> {
    const r = await this.send<{ results?: EventResult[] }>('POST', '/v1/events', { events }, undefined, keepalive);
    return r.results ?? [];
  }

  private async page(path: string, a: Ask, more: Query = {}): Promise<PageAnswer> {
    const q = { ...more, user: a.user, limit: a.limit, cursor: a.cursor, where: a.where };
    return pageOf(await this.get<PageAnswer>(path, q, a.signal));
  }

  private get<T>(path: string, q: Query = {}, signal?: AbortSignal): Promise<T> {
    return this.send<T>('GET', withQuery(path, q), undefined, signal);
  }

  private async send<T>(method: string, url: string, body?: unknown, signal?: AbortSignal, keepalive = false): Promise<T> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (this.key) headers.Authorization = `Bearer ${this.key}`;
    let payload: BodyInit | undefined;
    if (body instanceof FormData) payload = body;
    else if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
      payload = JSON.stringify(body);
    }
    let r: Response;
    try {
      r = await this.doFetch(url, { method, headers, body: payload, signal, keepalive });
    } catch (e) {
      if (isAbort(e)) throw e;
      throw new AwayError();
    }
    if (!r.ok) throw await this.refusal(r, url);
    if (r.status === 204) return undefined as T;
    const text = await r.text();
    if (!text) return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new ApiError(502, 'not_json', 'The answer was not JSON: something other than Bowerbird may be listening there.');
    }
  }

  private async refusal(r: Response, url: string): Promise<ApiError> {
    let b: { code?: string; message?: string; field?: string } = {};
    try {
      b = await r.json();
    } catch {
      // A proxy answered; the status is all that is known.
    }
    // Events are tried again by themselves; a dialog each time would be a nuisance.
    if (r.status === 401 && !url.startsWith('/v1/events')) this.onKeyNeeded();
    if ([502, 503, 504].includes(r.status) && !b.code) b = { code: 'away', message: 'The server is starting or away. Try again in a moment.' };
    return new ApiError(r.status, b.code ?? 'unknown', b.message ?? `The server answered ${r.status}.`, b.field);
  }
}

const esc = encodeURIComponent;

/** Adds the parameters that are set; lists are repeated. */
export function withQuery(path: string, q: Query): string {
  const p = new URLSearchParams();
  for (const [k, v] of Object.entries(q)) {
    if (Array.isArray(v)) for (const one of v) p.append(k, one);
    else if (v !== undefined && v !== '') p.set(k, String(v));
  }
  const s = p.toString();
  return s ? `${path}?${s}` : path;
}

/** A picture's address; a bare blob name becomes one. */
export function pictureURL(s: string): string {
  return /^(\/|https?:|data:|blob:)/.test(s) ? s : `/pictures/${s}`;
}

function itemOf<T extends Item>(x: T): T {
  const p = x.picture as (Picture & { blob?: string }) | undefined;
  if (!p) return x;
  const original = p.original || p.blob || p.large || p.small;
  if (!original || !(p.width > 0) || !(p.height > 0)) return { ...x, picture: undefined };
  return {
    ...x,
    picture: {
      ...p,
      original: pictureURL(original),
      large: pictureURL(p.large || original),
      small: pictureURL(p.small || p.large || original),
    },
  };
}

const pictured = <T extends { picture?: string }>(x: T): T => ({ ...x, picture: x.picture && pictureURL(x.picture) });

/** A card keeps of its formatted fields the words that matched. */
function cardOf(x: Card & { _formatted?: { title?: string } }): Card {
  const { _formatted: f, ...card } = itemOf(x);
  const marks = marksOf(f?.title);
  return marks.length ? { ...card, marks } : card;
}

function pageOf(p: PageAnswer): PageAnswer {
  return { ...p, items: (p.items ?? []).map(cardOf) };
}

export const api = new Client();
