'use strict';
// Renders /openapi.json with nothing but the browser: no library, no other host.

const el = (tag, text, kind) => {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  if (kind) e.className = kind;
  return e;
};

// outline writes a schema the way an example would look.
function outline(schema, all, depth, seen) {
  if (!schema) return '';
  if (schema.$ref) {
    const name = schema.$ref.split('/').pop();
    if (seen.includes(name)) return name;
    return outline(all[name], all, depth, seen.concat(name));
  }
  const pad = '  '.repeat(depth + 1);
  if (schema.oneOf) return schema.oneOf.map((s) => outline(s, all, depth, seen)).join(' | ');
  const type = Array.isArray(schema.type) ? schema.type.filter((t) => t !== 'null')[0] : schema.type;
  if (type === 'array') return '[' + outline(schema.items, all, depth, seen) + ', ...]';
  if (type === 'object' && schema.properties) {
    const rows = Object.entries(schema.properties).map(([name, s]) => {
      const note = s.description ? '   // ' + s.description : '';
      return pad + name + (schema.required?.includes(name) ? '' : '?') + ': ' + outline(s, all, depth + 1, seen) + note;
    });
    return '{\n' + rows.join('\n') + '\n' + '  '.repeat(depth) + '}';
  }
  if (type === 'object') return '{name: ' + (outline(schema.additionalProperties === true ? {} : schema.additionalProperties, all, depth, seen) || 'any') + '}';
  if (schema.enum) return schema.enum.map((x) => JSON.stringify(x)).join(' | ');
  return type || 'any';
}

function body(title, content, all) {
  const out = [];
  for (const [kind, media] of Object.entries(content || {})) {
    out.push(el('h4', title + ' (' + kind + ')'));
    out.push(el('pre', kind.includes('json') ? outline(media.schema, all, 0, []) : 'bytes'));
  }
  return out;
}

function operation(path, method, op, all) {
  const d = el('details');
  d.id = op.operationId;
  const s = el('summary');
  s.append(el('span', method.toUpperCase(), 'method'), el('code', path), el('span', op['x-scope'] ? 'scope ' + op['x-scope'] : 'no key', 'scope'));
  const inside = el('div');
  inside.append(el('p', op.summary));
  if (op.parameters?.length) {
    const t = el('table');
    for (const p of op.parameters) {
      const row = el('tr');
      const name = el('td');
      name.append(el('code', p.name));
      row.append(name, el('td', p.in), el('td', p.schema.type === 'array' ? 'repeated' : p.schema.type), el('td', p.description || ''));
      t.append(row);
    }
    inside.append(t);
  }
  inside.append(...body('Takes', op.requestBody?.content, all), ...body('Gives', op.responses['200']?.content, all));
  d.append(s, inside);
  return d;
}

async function show() {
  const answer = await fetch('/openapi.json');
  const doc = await answer.json();
  document.getElementById('about').textContent = doc.info.description + ' Version ' + doc.info.version + '.';
  const groups = new Map();
  for (const [path, methods] of Object.entries(doc.paths)) {
    for (const [method, op] of Object.entries(methods)) {
      const tag = op.tags[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operation(path, method, op, doc.components.schemas));
    }
  }
  const list = document.getElementById('list');
  for (const [tag, operations] of groups) {
    list.append(el('h2', tag), ...operations);
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute('open', '');
}

show().catch((e) => document.getElementById('list').append(el('p', 'The description could not be read: ' + e.message)));
