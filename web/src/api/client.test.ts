import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MockApi } from '../../mock/api';
import { makeWorld } from '../../mock/world';
import { Client, pictureURL, withQuery } from './client';
import { ApiError, AwayError, tell } from './errors';

const mock = new MockApi(makeWorld(60));

/** A fetch that the made-up world answers. */
const answer = vi.fn(async (url: RequestInfo | URL, init?: RequestInit) => {
  const body = typeof init?.body === 'string' ? JSON.parse(init.body) : null;
  const a = mock.handle(init?.method ?? 'GET', String(url), body);
  return new Response(a.status === 204 ? null : JSON.stringify(a.body), { status: a.status });
});
const api = new Client(answer);

beforeEach(() => {
  sessionStorage.clear();
  answer.mockClear();
});

describe('Client', () => {
  it('asks for a feed and follows its cursor', async () => {
    const first = await api.feed({ user: 'u1', limit: 10 });
    expect(first.items).toHaveLength(10);
    const second = await api.feed({ user: 'u1', limit: 10, cursor: first.next_cursor });
    expect(second.items[0]!.position).toBe(11);
    expect(String(answer.mock.calls[0]![0])).toBe('/v1/feed?user=u1&limit=10');
  });

  it('explores when nobody is chosen', async () => {
    expect((await api.feed({})).surface).toBe('explore');
  });

  it('repeats filters and escapes ids', async () => {
    await api.search('oak shelf', { where: ['colour=sage', 'price<=50'] });
    expect(String(answer.mock.calls[0]![0])).toBe('/v1/search?q=oak+shelf&attributesToHighlight=title&highlightPreTag=%EE%80%80&highlightPostTag=%EE%80%81&where=colour%3Dsage&where=price%3C%3D50');
    await expect(api.item('a/b?c')).rejects.toBeInstanceOf(ApiError);
    expect(String(answer.mock.calls[1]![0])).toBe('/v1/items/a%2Fb%3Fc');
  });

  it('searches with counts, and keeps what matched', async () => {
    const p = await api.search('lnen', { facets: '*', matching: 'last', sort: 'price:asc', limit: 100 });
    expect(String(answer.mock.calls[0]![0])).toContain('facets=*&disjunctiveFacets=true');
    expect(p.corrected).toBe('linen');
    expect(p.estimatedTotalHits).toBe(p.items.length);
    expect(p.items.find((x) => x.title?.includes('linen'))!.marks).toEqual(['linen']);
    expect(p.items[0]).not.toHaveProperty('_formatted');
    const prices = p.items.map((x) => (x.attributes?.price as number | undefined) ?? Infinity);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    // A facet is counted without the condition on itself.
    const some = [`price<=${prices[0]}`];
    expect((await api.search('linen', { facets: '*', where: some })).facetStats).toEqual(p.facetStats);
    expect(await api.found('linen', { where: some })).toBe(prices.filter((x) => x === prices[0]).length);
    expect((await api.guides('linen')).guides[0]).toMatchObject({ field: 'tag' });
    expect((await api.understand('linen zebra')).relaxed).toMatchObject([{ query: 'linen', kind: 'drop' }]);
    expect((await api.trending())[0]!.picture).toMatch(/^\/pictures\//);
  });

  it('sends a crop as JSON, and a file as a form', async () => {
    const crop = { x: 0.1, y: 0.2, width: 0.5, height: 0.4 };
    await api.visual({ item: 'i1', crop }, { user: 'u1' });
    expect(JSON.parse(answer.mock.calls[0]![1]!.body as string)).toEqual({ item: 'i1', crop, user: 'u1' });
    await api.visual({ file: new Blob(['x'], { type: 'image/png' }), crop }, { limit: 25 });
    const form = answer.mock.calls[1]![1]!.body as FormData;
    expect(form.get('crop')).toBe(JSON.stringify(crop));
    expect(form.get('limit')).toBe('25');
    expect(form.has('user')).toBe(false);
  });

  it('sends the key, and says when one is needed', async () => {
    api.key = 'bb_secret';
    await api.status();
    expect(new Headers(answer.mock.calls[0]![1]!.headers).get('Authorization')).toBe('Bearer bb_secret');
    const asked = vi.fn();
    const locked = new Client(async () => new Response('{"code":"key_needed","message":"Send a key."}', { status: 401 }));
    locked.onKeyNeeded = asked;
    await expect(locked.status()).rejects.toMatchObject({ status: 401, code: 'key_needed' });
    expect(asked).toHaveBeenCalledOnce();
  });

  it('tells an absent server from a refusal', async () => {
    const away = new Client(() => Promise.reject(new TypeError('failed to fetch')));
    const e = await away.status().catch((x: unknown) => x);
    expect(e).toBeInstanceOf(AwayError);
    expect(tell(e)).toMatchObject({ title: 'The server does not answer', retry: true });
    expect(tell(await api.item('none').catch((x: unknown) => x))).toMatchObject({ title: 'Not found', retry: false });
    const proxy = new Client(async () => new Response('<html>', { status: 502 }));
    await expect(proxy.status()).rejects.toMatchObject({ code: 'away' });
    const other = new Client(async () => new Response('<html>', { status: 200 }));
    await expect(other.status()).rejects.toMatchObject({ code: 'not_json' });
  });

  it('completes pictures’ addresses', async () => {
    expect(pictureURL('ab12')).toBe('/pictures/ab12');
    expect(pictureURL('/pictures/x')).toBe('/pictures/x');
    const bare = new Client(async () => Response.json({ id: 'a', picture: { blob: 'big', width: 10, height: 20, small: 'tiny' } }));
    expect((await bare.item('a')).picture).toMatchObject({ small: '/pictures/tiny', large: '/pictures/big', original: '/pictures/big' });
    const flat = new Client(async () => Response.json({ id: 'a', picture: { blob: 'big', width: 0, height: 0 } }));
    expect((await flat.item('a')).picture).toBeUndefined();
  });

  it('builds addresses', () => expect(withQuery('/p', { a: 1, b: undefined, c: ['x', 'y'], d: '' })).toBe('/p?a=1&c=x&c=y'));
});
