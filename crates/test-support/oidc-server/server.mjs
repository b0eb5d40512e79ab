// A real OpenID Connect provider for tests, on a free port of this machine.
//
// The first line of its output is its issuer. Anybody can sign in under any name; who signs in as
// `ada` is a known user with groups. Each client is named after the algorithm of its ID tokens. It
// ends with its standard input.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const redirectUri = process.argv[2];

const key = (type, options, kid, use) => ({
  ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }),
  kid,
  use,
});

const client = (alg, rest = {}) => ({
  client_id: `vpaura-${alg}`,
  client_secret: 'the secret of a client: 100% & more',
  redirect_uris: [redirectUri],
  id_token_signed_response_alg: alg,
  ...rest,
});

const people = {
  ada: {
    email: 'Ada@Example.org',
    email_verified: true,
    name: 'Ada Lovelace',
    groups: ['staff', 'mathematicians'],
  },
  bob: { email: 'bob@example.org', email_verified: false, name: 'Bob' },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      client('RS256'),
      client('PS256'),
      client('ES256'),
      client('EdDSA'),
      client('HS256'),
      client('RS256', { client_id: 'vpaura-post', token_endpoint_auth_method: 'client_secret_post' }),
      client('RS256', {
        client_id: 'vpaura-public',
        client_secret: undefined,
        token_endpoint_auth_method: 'none',
      }),
    ],
    cookies: { keys: [randomBytes(32).toString('hex')] },
    jwks: {
      keys: [
        key('rsa', { modulusLength: 2048 }, 'rsa', 'sig'),
        key('ec', { namedCurve: 'P-256' }, 'ec', 'sig'),
        key('ed25519', {}, 'ed', 'sig'),
      ],
    },
    enabledJWA: { idTokenSigningAlgValues: ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] },
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name'],
      groups: ['groups'],
    },
    // With an argument, claims are in the ID token too; without, at the user information endpoint.
    conformIdTokenClaims: process.argv[3] !== 'claims-in-id-token',
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
  });
  server.on('request', provider.callback());
  console.log(issuer);
});

process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
