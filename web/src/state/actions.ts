import { api } from '../api/client';
import { tell } from '../api/errors';
import type { Board, EventType, Shown } from '../api/types';
import { boardTitle, freshID, leaf } from '../lib/words';
import { session } from './session.svelte';
import { overlays } from './overlay.svelte';
import { address, itemAddress, router } from './router.svelte';
import { toasts } from './toasts.svelte';
import { takeIn } from './uploads';

// What a person can do. Each action shows its effect at once, and takes it back
// with a message when the server refuses.

/** What an event says about where the item was shown. */
function shownAt(x: Shown) {
  return {
    item: x.id,
    ...(x.request ? { request: x.request, surface: x.surface } : {}),
    ...(x.position ? { position: x.position } : {}),
    ...(x.query ? { query: x.query } : {}),
  };
}

/** Records something that needs no answer. Nobody's doings are not recorded. */
export function note(type: EventType, x: Shown): void {
  const user = session.userID;
  if (user) session.outbox.add({ type, user, ...shownAt(x) });
}

export function noteSearch(query: string, request: string): void {
  const user = session.userID;
  if (user) session.outbox.add({ type: 'search', user, query, surface: 'search', ...(request ? { request } : {}) });
}

/** Runs what needs a person; asks who one is first when nobody is chosen. */
function asSomebody(reason: string, run: () => void): void {
  if (session.userID) run();
  else overlays.open({ kind: 'users', reason, then: run });
}

/** Quick save: to the board used last, or ask which. A saved item is asked about. */
export function save(x: Shown): void {
  asSomebody('Choose who you are to save pictures to boards.', () => {
    const last = session.lastBoard;
    if (last && !session.saved.get(x.id)?.includes(last.id)) void saveTo(x, last);
    else overlays.open({ kind: 'boards', item: x });
  });
}

export const chooseBoard = (x: Shown): void =>
  asSomebody('Choose who you are to save pictures to boards.', () => overlays.open({ kind: 'boards', item: x }));

export async function saveTo(x: Shown, b: Board): Promise<boolean> {
  return change({
    apply: () => mark(x.id, b.id, true),
    undo: () => mark(x.id, b.id, false),
    event: { type: 'save', board: b.id, ...shownAt(x) },
    done: () => {
      session.remember(b.id);
      void session.loadBoards();
      toasts.say(`Saved to ${boardTitle(b)}`, { label: 'Change', run: () => overlays.open({ kind: 'boards', item: x }) });
    },
    again: () => void saveTo(x, b),
  });
}

export async function unsave(x: Shown, b: Board, onUndo?: () => void): Promise<boolean> {
  return change({
    apply: () => mark(x.id, b.id, false),
    undo: () => mark(x.id, b.id, true),
    event: { type: 'unsave', board: b.id, ...shownAt(x) },
    done: () => {
      void session.loadBoards();
      toasts.say(`Removed from ${boardTitle(b)}`, {
        label: 'Undo',
        run: () => void saveTo(x, b).then((ok) => ok && onUndo?.()),
      });
    },
    again: () => void unsave(x, b, onUndo),
  });
}

export function hide(x: Shown): void {
  asSomebody('Choose who you are, so that what you hide stays hidden.', () => {
    void change({
      apply: () => session.hidden.add(x.id),
      undo: () => session.hidden.delete(x.id),
      event: { type: 'hide', ...shownAt(x) },
      done: () => toasts.say('Hidden. You will see less like it.', { label: 'Undo', run: () => unhide(x) }),
      again: () => hide(x),
    });
  });
}

export function unhide(x: Shown): void {
  void change({
    apply: () => session.hidden.delete(x.id),
    undo: () => session.hidden.add(x.id),
    event: { type: 'unhide', ...shownAt(x) },
    again: () => unhide(x),
  });
}

/** Leaves out a person (owner) or a topic (category) from now on. */
export function mute(what: { owner: string } | { topic: string }, on = true): void {
  asSomebody('Choose who you are, so that muting lasts.', () => {
    const [set, id, name] = 'owner' in what ? [session.mutedOwners, what.owner, session.nameOf(what.owner)] : [session.mutedTopics, what.topic, leaf(what.topic)];
    void change({
      apply: () => void (on ? set.add(id) : set.delete(id)),
      undo: () => void (on ? set.delete(id) : set.add(id)),
      event: { type: on ? 'mute' : 'unmute', ...('owner' in what ? { subject: id } : { topic: id }) },
      done: () => {
        if (on) toasts.say(`Muted ${name}. It will be left out.`, { label: 'Undo', run: () => mute(what, false) });
        else toasts.say(`${name} is back.`);
      },
      again: () => mute(what, on),
    });
  });
}

/** Follows a person or a board from now on: what they gather is proposed. */
export function follow(what: { person: string } | { board: string }, name: string, on = true): void {
  asSomebody('Choose who you are, so that following lasts.', () => {
    const key = 'person' in what ? `person ${what.person}` : `board ${what.board}`;
    void change({
      apply: () => void (on ? session.followed.add(key) : session.followed.delete(key)),
      undo: () => void (on ? session.followed.delete(key) : session.followed.add(key)),
      event: { type: on ? 'follow' : 'unfollow', ...('person' in what ? { subject: what.person } : { board: what.board }) },
      done: () => {
        if (on) toasts.say(`Following ${name}`, { label: 'Undo', run: () => follow(what, name, false) });
        else toasts.say(`No longer following ${name}`);
      },
      again: () => follow(what, name, on),
    });
  });
}

export async function share(x: Shown): Promise<void> {
  const url = location.origin + itemAddress(x.id);
  note('share', x);
  try {
    if (navigator.share && matchMedia('(pointer: coarse)').matches) {
      await navigator.share({ title: x.title, url });
      return;
    }
    await navigator.clipboard.writeText(url);
    toasts.say('Link copied');
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') return;
    toasts.say(`The link is ${url}`);
  }
}

/** Searches by a picture file: dropped, pasted or chosen. */
export async function searchByFile(file: File): Promise<void> {
  try {
    router.go(address('/visual', { upload: await takeIn(file) }));
  } catch (e) {
    toasts.fail((e as Error).message);
  }
}

/** Creates a board, or changes one; returns it, or undefined after saying what went wrong. */
export async function putBoard(b: Omit<Board, 'id'> & { id?: string }): Promise<Board | undefined> {
  const board: Board = { ...b, id: b.id ?? freshID(b.title ?? ''), owner: b.owner ?? session.userID };
  try {
    await api.putBoard(board);
  } catch (e) {
    toasts.fail(`The board was not kept. ${tell(e).advice}`);
    return undefined;
  }
  await session.loadBoards();
  if (!session.boards.some((x) => x.id === board.id)) session.boards = [board, ...session.boards];
  return board;
}

interface Change {
  apply: () => void;
  undo: () => void;
  event: { type: EventType; [field: string]: unknown };
  done?: () => void;
  again: () => void;
}

async function change(c: Change): Promise<boolean> {
  const user = session.userID;
  if (!user) return false;
  c.apply();
  try {
    await session.outbox.now({ user, ...c.event });
  } catch (e) {
    c.undo();
    toasts.fail(`${tell(e).title}. ${tell(e).advice}`, c.again);
    return false;
  }
  c.done?.();
  return true;
}

function mark(item: string, board: string, on: boolean): void {
  const others = (session.saved.get(item) ?? []).filter((b) => b !== board);
  if (on) others.push(board);
  if (others.length) session.saved.set(item, others);
  else session.saved.delete(item);
}
