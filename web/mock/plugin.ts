import type { Plugin } from 'vite';
import { MockApi } from './api';

/** Lets `npm run dev` answer /v1 and /pictures from the made-up world. */
export function mockServer(): Plugin {
  return {
    name: 'bowerbird-mock',
    configureServer(server) {
      const mock = new MockApi();
      server.middlewares.use((req, res, next) => {
        const url = req.url ?? '/';
        if (!/^\/(v1|pictures)\//.test(url)) return next();
        const chunks: Buffer[] = [];
        req.on('data', (c: Buffer) => chunks.push(c));
        req.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const json = (req.headers['content-type'] ?? '').includes('json') && text ? JSON.parse(text) : null;
          const a = mock.handle(req.method ?? 'GET', url, json);
          res.statusCode = a.status;
          res.setHeader('Content-Type', a.type ?? 'application/json');
          res.end(a.type ? String(a.body) : JSON.stringify(a.body));
        });
      });
    },
  };
}
