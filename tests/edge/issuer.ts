/** A token issuer on this machine, for App Check: it signs what it is told to. Its keys live as long as it does. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

export type Issuer = { readonly url: string; stop(): Promise<void> };

/** `GET /jwks` shows its keys; `GET /sign?claims=...&kid=...` signs claims with the key of that id, made when it is new. */
export async function startIssuer(): Promise<Issuer> {
  const pairs = new Map<string, Awaited<ReturnType<typeof generateKeyPair>>>();
  const pairOf = async (kid: string) => {
    const pair = pairs.get(kid) ?? (await generateKeyPair('RS256'));
    pairs.set(kid, pair);
    return pair;
  };
  await pairOf('first');
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://issuer');
    if (url.pathname === '/jwks') {
      const keys = await Promise.all(
        [...pairs].map(async ([kid, { publicKey }]) => ({
          ...(await exportJWK(publicKey)),
          kid,
          alg: 'RS256',
          use: 'sig',
        })),
      );
      response.end(JSON.stringify({ keys }));
      return;
    }
    const kid = url.searchParams.get('kid') ?? 'first';
    const claims = JSON.parse(url.searchParams.get('claims') ?? '{}') as Record<string, unknown>;
    const { privateKey } = await pairOf(kid);
    response.end(
      await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid }).sign(privateKey),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
