// Drives Bowerbird through Gorse's own JavaScript client: gorsejs, from npm.
//
// Usage: node client.js ENDPOINT KEY. Prints "ok" at the end; any difference throws.
'use strict';
const assert = require('node:assert/strict');
const { Gorse, GorseException } = require('gorsejs');

const [endpoint, secret] = process.argv.slice(2);
const c = new Gorse({ endpoint, secret });
const Timestamp = '2022-08-07T00:26:46Z';

async function main() {
  // Users.
  assert.equal(await c.insertUser({ UserId: 'js-1', Labels: ['a', 'b', 'c'], Comment: 'comment' }), 1);
  const user = await c.getUser('js-1');
  assert.deepEqual(user, { UserId: 'js-1', Labels: ['a', 'b', 'c'], Comment: 'comment' });
  assert.equal(await c.updateUser('js-1', { Comment: 'other' }), 1);
  assert.equal((await c.getUser('js-1')).Comment, 'other');
  assert.deepEqual((await c.getUser('js-1')).Labels, ['a', 'b', 'c']);
  assert.equal(await c.insertUsers([{ UserId: 'js-2' }, { UserId: 'js-3' }]), 2);
  assert.ok((await c.getUsers({ n: 100 })).Users.some((u) => u.UserId === 'js-3'));
  await assert.rejects(c.getUser('js-nobody'), GorseException);

  // Items.
  const item = { ItemId: 'js-i1', IsHidden: true, Labels: ['a', 'b'], Categories: ['d', 'e'], Timestamp, Comment: 'comment' };
  assert.equal(await c.upsertItem(item), 1);
  assert.deepEqual(await c.getItem('js-i1'), item);
  assert.equal(await c.updateItem('js-i1', { IsHidden: false }), 1);
  assert.deepEqual(await c.getItem('js-i1'), { ...item, IsHidden: false });
  assert.equal(await c.insertItemCategory('js-i1', 'f'), 1);
  assert.deepEqual((await c.getItem('js-i1')).Categories, ['d', 'e', 'f']);
  assert.equal(await c.deleteItemCategory('js-i1', 'e'), 1);
  assert.deepEqual((await c.getItem('js-i1')).Categories, ['d', 'f']);
  const many = [2, 3, 4, 5, 6, 7].map((i) => ({ ItemId: 'js-i' + i, IsHidden: false, Categories: ['d'], Timestamp, Comment: 'dog number ' + i }));
  assert.equal(await c.upsertItems(many), many.length);
  const first = await c.getItems({ n: 2 });
  const second = await c.getItems({ n: 2, cursor: first.Cursor });
  assert.equal(new Set([...first.Items, ...second.Items].map((i) => i.ItemId)).size, 4);
  assert.equal(await c.deleteItem('js-i7'), 1);
  await assert.rejects(c.getItem('js-i7'), GorseException);

  // Feedback.
  const like = { FeedbackType: 'like', UserId: 'js-1', ItemId: 'js-i2', Timestamp };
  assert.equal(await c.insertFeedbacks([like, { ...like, FeedbackType: 'read', ItemId: 'js-i3' }, { ...like, FeedbackType: 'read', ItemId: 'js-i4' }]), 3);
  assert.equal(await c.insertFeedbacks([{ ...like, Timestamp: '2023-01-01T00:00:00Z' }]), 1);
  assert.equal((await c.getFeedback({ type: 'like', userId: 'js-1', itemId: 'js-i2' })).Timestamp, Timestamp, 'POST leaves what is there');
  assert.equal(await c.upsertFeedbacks([{ ...like, Timestamp: '2023-01-01T00:00:00Z' }]), 1);
  assert.equal((await c.getFeedback({ type: 'like', userId: 'js-1', itemId: 'js-i2' })).Timestamp, '2023-01-01T00:00:00Z', 'PUT overwrites');
  assert.equal((await c.getUserFeedback('js-1')).length, 3);
  assert.equal((await c.getUserFeedbackByType('js-1', 'read')).length, 2);
  assert.equal((await c.getItemFeedback('js-i2')).length, 1);
  assert.equal((await c.getItemFeedbackByType('js-i2', 'read')).length, 0);
  assert.equal((await c.getFeedbacks('like', { n: 100 })).Feedback.filter((f) => f.UserId === 'js-1').length, 1);
  assert.ok((await c.getFeedbacks(undefined, { n: 100 })).Feedback.length >= 3);
  assert.equal((await c.deleteFeedback({ type: 'like', userId: 'js-1', itemId: 'js-i2' })).RowAffected, 1);
  await assert.rejects(c.getFeedback({ type: 'like', userId: 'js-1', itemId: 'js-i2' }), GorseException);
  for (let u = 0; u < 5; u++) {
    await c.insertFeedbacks([1, 2, 3].map((i) => ({ FeedbackType: 'star', UserId: 'js-u' + u, ItemId: 'js-i' + (1 + ((u + i) % 6)), Timestamp })));
  }

  // Recommendations.
  const ids = await c.getRecommend({ userId: 'js-1', cursorOptions: { n: 3 } });
  assert.equal(ids.length, 3);
  assert.ok(ids.every((x) => typeof x === 'string'));
  const ofD = await c.getRecommend({ userId: 'js-1', category: 'd', cursorOptions: { n: 3 } });
  for (const id of ofD) assert.ok((await c.getItem(id)).Categories.includes('d'));
  assert.ok((await c.getRecommend({ userId: 'js-2', writeBackType: 'read', writeBackDelay: '1m' })).length > 0);
  for (const list of [await c.getPopular({}), await c.getLatest({}), await c.getPopular({ category: 'd' }), await c.getLatest({ category: 'd' }),
    await c.getItemNeighbors({ itemId: 'js-i2' }), await c.getItemNeighbors({ itemId: 'js-i2', category: 'd' }),
    await c.getSessionRecommend([{ ...like, UserId: 'js-x' }]), await c.getSessionRecommend([{ ...like, UserId: 'js-x' }], { category: 'd' })]) {
    assert.ok(list.length > 0);
    for (const x of list) assert.deepEqual(Object.keys(x).sort(), ['Id', 'Score']);
  }

  // Deleting a user erases the person.
  assert.equal(await c.deleteUser('js-3'), 1);
  await assert.rejects(c.getUser('js-3'), GorseException);
  console.log('ok');
}

main().catch((e) => {
  console.error(e);
  process.exit(1);
});
