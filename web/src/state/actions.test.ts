import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '../api/client';
import { AwayError } from '../api/errors';
import type { Board, EventBody, Shown } from '../api/types';
import { chooseBoard, follow, hide, mute, save, saveTo, unsave } from './actions';
import { overlays } from './overlay.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

const item: Shown = { id: 'i1', title: 'Oak shelf', owner: 'u9', categories: ['home'], request: 'r1', position: 4, surface: 'home' };
const board: Board = { id: 'b1', title: 'Kitchen', owner: 'u1' };
let posted: EventBody[];
let away = false;

const settled = () => new Promise((r) => setTimeout(r, 0));

beforeEach(() => {
  posted = [];
  away = false;
  vi.spyOn(api, 'events').mockImplementation(async (events) => {
    if (away) throw new AwayError();
    posted.push(...events);
    return events.map((e) => ({ id: e.id, offset: 1 }));
  });
  vi.spyOn(api, 'boardsOf').mockResolvedValue([board]);
  session.become({ id: 'u1', name: 'Ada' });
  overlays.close();
  toasts.list = [];
});
afterEach(() => {
  session.become(null);
  vi.restoreAllMocks();
});

describe('actions', () => {
  it('saves with the page’s request, position and surface', async () => {
    expect(await saveTo(item, board)).toBe(true);
    expect(posted[0]).toMatchObject({ type: 'save', user: 'u1', item: 'i1', board: 'b1', request: 'r1', position: 4, surface: 'home' });
    expect(session.saved.get('i1')).toEqual(['b1']);
    expect(toasts.list.at(-1)?.text).toBe('Saved to Kitchen');
  });

  it('saves quickly to the last board, and asks when there is none or it is there already', async () => {
    await settled();
    session.lastBoards = {};
    save(item);
    expect(overlays.now?.kind).toBe('boards');
    overlays.close();
    session.remember('b1');
    save(item);
    await settled();
    expect(posted.filter((e) => e.type === 'save')).toHaveLength(1);
    save(item);
    expect(overlays.now?.kind).toBe('boards');
  });

  it('takes a save back when the server is away, and says so', async () => {
    away = true;
    expect(await saveTo(item, board)).toBe(false);
    expect(session.saved.has('i1')).toBe(false);
    expect(toasts.list.at(-1)).toMatchObject({ bad: true, action: { label: 'Try again' } });
  });

  it('undoes an unsave', async () => {
    await saveTo(item, board);
    await unsave(item, board);
    expect(session.saved.has('i1')).toBe(false);
    toasts.list.at(-1)!.action!.run();
    await settled();
    expect(session.saved.get('i1')).toEqual(['b1']);
    expect(posted.map((e) => e.type)).toEqual(['save', 'unsave', 'save']);
  });

  it('hides and mutes, and takes both back', async () => {
    hide(item);
    await settled();
    expect(session.refused(item)).toBe('hidden');
    toasts.list.at(-1)!.action!.run();
    await settled();
    expect(session.refused(item)).toBe('');
    mute({ owner: 'u9' });
    await settled();
    expect(session.refused(item)).toBe('owner');
    expect(posted.at(-1)).toMatchObject({ type: 'mute', subject: 'u9' });
    mute({ owner: 'u9' }, false);
    mute({ topic: 'home' });
    await settled();
    expect(session.refused(item)).toBe('topic');
    expect(posted.at(-1)).toMatchObject({ type: 'mute', topic: 'home' });
  });

  it('follows a person and a board, and stops', async () => {
    follow({ person: 'u9' }, 'Bo');
    follow({ board: 'b7' }, 'Rooms');
    await settled();
    expect(posted.map((e) => [e.type, e.subject, e.board])).toEqual([['follow', 'u9', undefined], ['follow', undefined, 'b7']]);
    expect([...session.followed]).toEqual(['person u9', 'board b7']);
    follow({ person: 'u9' }, 'Bo', false);
    await settled();
    expect(posted.at(-1)).toMatchObject({ type: 'unfollow', subject: 'u9' });
    expect(session.followed.has('person u9')).toBe(false);
  });

  it('asks who one is first', () => {
    session.become(null);
    chooseBoard(item);
    expect(overlays.now?.kind).toBe('users');
    expect(posted).toHaveLength(0);
  });
});
