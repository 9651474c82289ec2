import type { Board, Card, Completion, EventBody, EventResult, Guide, Item, PageAnswer, RelatedSearch, Surface, Understood } from '../src/api/types';
import { type World, makeWorld } from './world';

// The /v1 interface over the made-up world: enough to develop the page against.

export interface Answer {
  status: number;
  body: unknown;
  type?: string;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refuse = (status: number, code: string, message: string): Answer => ({ status, body: { code, message } });

export class MockApi {
  readonly events: EventBody[] = [];
  private readonly seen = new Set<string>();
  private requests = 0;
  private readonly asked = new Map<string, PageAnswer>();

  constructor(readonly world: World = makeWorld()) {}

  handle(method: string, address: string, body: unknown): Answer {
    const url = new URL(address, 'http://mock');
    const p = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
    const q = url.searchParams;
    const w = this.world;
    if (p[0] === 'pictures') {
      const d = w.drawings.get(p[1] ?? '');
      return d ? { status: 200, body: d, type: 'image/svg+xml' } : refuse(404, 'unknown_picture', 'No such picture.');
    }
    if (p[0] !== 'v1') return refuse(404, 'unknown_path', 'No such path.');
    const route = `${method} ${p[1]}${p.length > 3 ? `/*/${p[3]}` : p.length > 2 ? (p[1] === 'search' ? `/${p[2]}` : '/*') : ''}`;
    const id = p[2] ?? '';
    const item = w.items.find((x) => x.id === id);
    const board = w.boards.find((b) => b.id === id);
    switch (route) {
      case 'GET feed':
        return this.page('home', w.items, q, (x) => `Because you saved “${w.items[3]!.title}” to “${w.boards[0]!.title}”, and ${x.title} goes with it`);
      case 'GET explore':
        return this.page('explore', w.items, q, () => 'Many people like it now');
      case 'GET items/*/related':
        return item ? this.page('related', alike(w.items, item), q, () => `It is often kept with “${item.title}”`) : unknown('item', id);
      case 'GET items/*/goes-with':
        return item ? this.page('related', w.items.filter((x) => x.categories?.[0] !== item.categories?.[0]), q, () => `It goes with “${item.title}”`) : unknown('item', id);
      case 'GET items/*/regions':
        return ok({ regions: [{ x: 0.1, y: 0.15, width: 0.4, height: 0.4 }, { x: 0.5, y: 0.5, width: 0.4, height: 0.35 }] });
      case 'GET items/*/duplicates':
        return item ? ok({ items: [{ item, first: true, probability: 1 }] }) : unknown('item', id);
      case 'GET items/*':
        return item ? ok(item) : unknown('item', id);
      case 'GET search':
        return this.search(q);
      case 'GET guides':
        return ok(this.guides(q.get('q') ?? ''));
      case 'GET understand':
        return ok(this.understand(q.get('q') ?? ''));
      case 'GET trending':
        return ok({ searches: ['oak shelf', 'linen', 'poster', 'harbour', 'fern', 'plum cake'].map((text) => this.pictured(text)) });
      case 'POST search/visual': {
        const of = w.items.find((x) => x.id === (body as { item?: string } | null)?.item) ?? w.items[0]!;
        return this.page('visual', alike(w.items, of), q, () => 'It looks like the picture');
      }
      case 'GET complete':
        return ok({ completions: this.complete(q.get('q') ?? '') });
      case 'GET explain':
        return this.explain(q.get('request') ?? '', q.get('item') ?? '');
      case 'GET boards/*':
        return board ? ok({ ...board, items: w.boardItems.get(id)?.length }) : unknown('board', id);
      case 'GET boards/*/items':
        return ok({ items: (w.boardItems.get(id) ?? []).map((x) => w.items.find((i) => i.id === x)).filter(Boolean) });
      case 'GET boards/*/ideas':
        return this.page('more_ideas', w.items.filter((x) => !w.boardItems.get(id)?.includes(x.id)), q, () => `It goes with “${board?.title}”`);
      case 'PUT boards/*': {
        const b = { ...(body as Board), id };
        if (board) Object.assign(board, b);
        else {
          w.boards.push(b);
          w.boardItems.set(id, []);
        }
        return ok(b);
      }
      case 'DELETE boards/*':
        w.boards = w.boards.filter((b) => b.id !== id);
        return { status: 204, body: '' };
      case 'GET users':
        return ok({ users: w.users });
      case 'GET users/*': {
        const u = w.users.find((x) => x.id === id);
        return u ? ok(u) : unknown('user', id);
      }
      case 'PUT users/*':
        w.users.push({ id, name: (body as { name: string }).name, boards: 0, saves: 0 });
        return ok({});
      case 'GET users/*/boards':
        return ok({ boards: w.boards.filter((b) => b.owner === id).map((b) => this.boardCard(b, q.get('item'))) });
      case 'POST events':
        return ok({ results: (body as { events: EventBody[] }).events.map((e) => this.ingest(e)) });
      case 'POST uploads':
        return ok({ item: w.items[0] });
      case 'GET status':
        return ok(this.status());
      case 'GET models':
        return ok({ current: '2026-11-22-1', models: [this.status().model] });
    }
    return refuse(404, 'unknown_path', `${route} is not part of the interface.`);
  }

  private page(surface: Surface, from: Item[], q: URLSearchParams, why: (x: Item) => string): Answer {
    const items = from.filter((x) => q.getAll('where').every((c) => holds(x, c)));
    const start = Number(q.get('cursor') ?? 0);
    const limit = Number(q.get('limit') ?? 25);
    const cards = items.slice(start, start + limit).map((x, i): Card => ({ ...x, position: start + i + 1, score: 1 / (start + i + 2), why: why(x), sources: ['walk', 'visual'] }));
    const a: PageAnswer = {
      request_id: `r${++this.requests}`, surface, offset: 1234, model: '2026-11-22-1', items: cards,
      ...(start + limit < items.length ? { next_cursor: String(start + limit) } : {}),
    };
    this.asked.set(a.request_id, a);
    return ok(a);
  }

  private search(q: URLSearchParams): Answer {
    const typed = (q.get('q') ?? '').toLowerCase();
    const words = typed.replace('lnen', 'linen');
    const last = q.get('matchingStrategy') === 'last';
    const examples = new Set([...q.getAll('positive'), ...q.getAll('negative')]);
    let hits = this.find(words, last ? 'every' : 'some').filter((x) => !examples.has(x.id));
    const loosened = last && !hits.length ? words.split(/\s+/).slice(1) : [];
    if (loosened.length) hits = this.find(words.split(/\s+/)[0]!, 'every');
    const sort = /^(\w+):(asc|desc)$/.exec(q.get('sort') ?? '');
    const key = (x: Item) => (sort![1] === 'created' ? (x.created ?? 0) : Number(x.attributes?.[sort![1]!] ?? Infinity));
    if (sort) hits.sort((a, b) => (key(a) - key(b)) * (sort[2] === 'asc' ? 1 : -1));
    const a = this.page('search', hits, q, () => `It matches “${words}”`);
    const b = a.body as PageAnswer & { items: { _formatted?: { title: string } }[] };
    const any = new RegExp(`\\b(${words.split(/\s+/).filter(Boolean).map((w) => w.replace(/\W/g, '\\$&')).join('|')})\\w*`, 'gi');
    const [pre, post] = [q.get('highlightPreTag') ?? '<em>', q.get('highlightPostTag') ?? '</em>'];
    if (words) for (const x of b.items) x._formatted = { title: (x.title ?? '').replace(any, (m) => pre + m + post) };
    if (words !== typed) b.corrected = words;
    if (loosened.length) b.loosened = loosened;
    if (q.has('facets') || q.has('count')) b.estimatedTotalHits = hits.filter((x) => q.getAll('where').every((c) => holds(x, c))).length;
    if (q.has('facets')) Object.assign(b, count(hits, q.getAll('where')));
    return a;
  }

  private find(words: string, how: 'every' | 'some'): Item[] {
    const w = words.split(/\s+/);
    return this.world.items.filter((x) => {
      const text = [x.title, ...(x.tags ?? []), ...(x.categories ?? [])].join(' ').toLowerCase();
      return w[how]((one) => text.includes(one));
    });
  }

  private pictured(text: string): RelatedSearch {
    const x = this.find(text, 'every').find((i) => i.picture);
    return { text, kind: 'query', item: x?.id, picture: x?.picture?.small };
  }

  private guides(q: string): { guides: Guide[]; related: RelatedSearch[] } {
    const hits = this.find(q.toLowerCase(), 'every');
    const tags = [...new Set(hits.flatMap((x) => x.tags ?? []))].filter((t) => !q.includes(t));
    const guides = tags.map((text): Guide => ({ text, query: `${text} ${q}`, field: 'tag', items: hits.filter((x) => x.tags?.includes(text)).length, picture: hits.find((x) => x.picture && x.tags?.includes(text))?.picture?.small }));
    return { guides, related: hits.length ? ['oak shelf', 'linen sofa', 'poster'].map((t) => this.pictured(t)) : [] };
  }

  private understand(q: string): Understood {
    const words = q.split(/\s+/);
    const relaxed = this.find(q.toLowerCase(), 'every').length ? [] : words.map((w) => ({ query: w, kind: 'drop', why: `without ${words.filter((x) => x !== w).map((x) => `“${x}”`).join(' and ')}`, items: this.find(w.toLowerCase(), 'every').length }));
    return { filters: [], relaxed: relaxed.filter((r) => r.items) };
  }

  private complete(q: string): Completion[] {
    const t = q.toLowerCase();
    const items = this.world.items.filter((x) => x.title?.toLowerCase().includes(t)).slice(0, 4);
    return [
      ...(t ? [{ text: `${q} ideas`, kind: 'query' as const }] : []),
      ...items.map((x): Completion => ({ text: x.title!, kind: 'item', item: x.id, picture: x.picture?.small })),
      ...['oak', 'linen', 'poster', 'sea'].filter((x) => x.startsWith(t)).map((text): Completion => ({ text, kind: 'tag' })),
    ].slice(0, 8);
  }

  private explain(request: string, id: string): Answer {
    const card = this.asked.get(request)?.items.find((x) => x.id === id);
    if (!card) return refuse(404, 'unknown_request', 'This page is too old to be explained. Reload and ask again.');
    return ok({
      item: id, position: card.position, surface: this.asked.get(request)!.surface,
      why: [card.why!, 'People who kept “Linen sofa” also kept this.'],
      sources: [{ name: 'walk', rank: 2, score: 12.5, why: 'three boards hold both' }, { name: 'visual', rank: 9, score: 0.83 }],
      features: [
        { name: 'walk_score', value: 0.61, weight: 0.8, contribution: 0.488, meaning: 'how often a walk from your boards arrives here' },
        { name: 'age_days', value: 12, weight: -0.02, contribution: -0.24, meaning: 'older things are shown less' },
        { name: 'colour_taste', value: 0.4, weight: 0.3, contribution: 0.12, meaning: 'how near its colours are to what you keep' },
      ],
      filters: [{ name: 'seen', passed: true }, { name: 'hidden', passed: true }, { name: 'muted', passed: true }],
      score: 0.31, probability: 0.034, model: '2026-11-22-1', offset: 1234, stages: { candidates: 412, after_filters: 380 },
    });
  }

  private boardCard(b: Board, item: string | null): Board {
    const held = this.world.boardItems.get(b.id) ?? [];
    const cover = held.map((x) => this.world.items.find((i) => i.id === x)?.picture?.small).filter((x): x is string => !!x);
    return { ...b, items: held.length, cover: cover.slice(0, 4), has_item: item ? held.includes(item) : undefined };
  }

  private ingest(e: EventBody): EventResult {
    if (this.seen.has(e.id)) return { id: e.id, offset: 1, duplicate: true };
    this.seen.add(e.id);
    this.events.push(e);
    const held = this.world.boardItems.get(e.board ?? '');
    if (e.type === 'save' && held && e.item) held.unshift(e.item);
    if (e.type === 'unsave' && held) this.world.boardItems.set(e.board!, held.filter((x) => x !== e.item));
    return { id: e.id, offset: this.events.length, duplicate: false };
  }

  private status() {
    const events: Record<string, number> = { impression: 48210, closeup: 2311, click: 402, save: 1888, hide: 37 };
    for (const e of this.events) events[e.type] = (events[e.type] ?? 0) + 1;
    return {
      version: 'mock', offset: 53000, items: this.world.items.length, live_items: this.world.items.length, users: this.world.users.length, boards: this.world.boards.length, events,
      model: { version: '2026-11-22-1', created: 1763800000000, trainer: 'logistic', metrics: {
          'funnel.ndcg@10': { Mean: 0.412, Low: 0.401, High: 0.423, N: 943 }, 'funnel.recall@10': { Mean: 0.201, Low: 0.19, High: 0.212, N: 943 },
          'popularity.ndcg@10': { Mean: 0.261, Low: 0.25, High: 0.272, N: 943 }, 'popularity.recall@10': { Mean: 0.115, Low: 0.108, High: 0.122, N: 943 },
          'walk.ndcg@10': { Mean: 0.334, Low: 0.32, High: 0.348, N: 943 }, 'walk.recall@10': { Mean: 0.164, Low: 0.15, High: 0.178, N: 943 },
        },
        notes: ['promoted: the funnel’s NDCG@10 is 0.412, popularity’s 0.261'] },
      sources: ['walk', 'cooccurrence', 'als', 'words', 'visual', 'followed', 'trending', 'fresh'], uptime_seconds: 5025,
    };
  }
}

const unknown = (what: string, id: string) => refuse(404, `unknown_${what}`, `There is no ${what} “${id}”. It may have been deleted.`);

/** Counts each field without the conditions on itself. */
function count(hits: Item[], where: string[]): Pick<PageAnswer, 'facetDistribution' | 'facetStats'> {
  const facetDistribution: Record<string, Record<string, number>> = {};
  const prices: number[] = [];
  for (const field of ['category', 'tag', 'colour', 'price', 'material']) {
    const others = where.filter((c) => !c.startsWith(field));
    for (const x of hits.filter((h) => others.every((c) => holds(h, c)))) {
      for (const v of new Set(valuesOf(x, field))) {
        const counts = (facetDistribution[field] ??= {});
        counts[v] = (counts[v] ?? 0) + 1;
        if (field === 'price') prices.push(Number(v));
      }
    }
  }
  return { facetDistribution, ...(prices.length ? { facetStats: { price: { min: Math.min(...prices), max: Math.max(...prices) } } } : {}) };
}

function valuesOf(x: Item, field: string): string[] {
  if (field === 'category') return x.categories ?? [];
  if (field === 'tag') return x.tags ?? [];
  if (field === 'owner') return [x.owner ?? ''];
  if (field === 'colour') return (x.picture?.colours ?? []).map((c) => c.name ?? '');
  return x.attributes?.[field] === undefined ? [] : [String(x.attributes[field])];
}

function alike(items: Item[], to: Item): Item[] {
  const near = (x: Item) => (x.categories?.[0] === to.categories?.[0] ? 0 : 1);
  return items.filter((x) => x.id !== to.id).sort((a, b) => near(a) - near(b));
}

function holds(x: Item, where: string): boolean {
  const m = /^([\w ]+?)(!?=|[<>]=?)(.*)$/.exec(where);
  if (!m) return true;
  const [, field, op, value] = m as unknown as [string, string, string, string];
  const words = value.split(',');
  const have = valuesOf(x, field);
  if (op === '=') return words.some((w) => have.includes(w));
  if (op === '!=') return !words.some((w) => have.includes(w));
  const n = Number(have[0]);
  return have.length > 0 && (op === '<=' ? n <= +value : op === '<' ? n < +value : op === '>=' ? n >= +value : n > +value);
}
