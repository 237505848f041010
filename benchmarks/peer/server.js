// The peer provider: one process, http on loopback, the same kinds of clients and tokens as the provider it is compared with.
// Settings come as one JSON document on the command line: {port, redis, clients, registry, account}.
import { Provider } from 'oidc-provider';
import { exportJWK, generateKeyPair } from 'jose';
import { redisAdapter } from './redis_adapter.js';

const settings = JSON.parse(process.argv[2]);
const issuer = `http://localhost:${settings.port}`;
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const signingKey = { ...(await exportJWK(privateKey)), use: 'sig', alg: 'ES256' };

const provider = new Provider(issuer, {
  adapter: redisAdapter(settings.redis),
  clients: settings.clients,
  jwks: { keys: [signingKey] },
  clientDefaults: { id_token_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256' },
  cookies: { keys: ['only-for-measurements'] },
  claims: { openid: ['sub'], profile: ['name', 'birthdate', 'gender'] },
  scopes: ['openid', 'offline_access', 'profile', 'registry:verify'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
    jwtIntrospection: { enabled: true },
    revocation: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 'only-for-measurements') },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'registry:verify', audience: settings.registry, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  ttl: { AuthorizationCode: 60, AccessToken: 900, ClientCredentials: 900, IdToken: 600, Session: 28800, Grant: 2592000, RefreshToken: 2592000, Interaction: 900 },
  rotateRefreshToken: true,
  issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: 'Nguyễn Thị Đo Lường', birthdate: '1990-05-17', gender: 'female' }),
  }),
  async loadExistingGrant(context) {
    const { client, session, provider: own } = context.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return own.Grant.find(known);
    const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope('openid profile offline_access registry:verify');
    grant.addResourceScope(settings.registry, 'registry:verify');
    await grant.save();
    return grant;
  },
});

provider.use(async (context, next) => {
  if (context.path.startsWith('/interaction/')) {
    await provider.interactionFinished(context.req, context.res, { login: { accountId: settings.account } });
    context.respond = false;
    return;
  }
  await next();
});

provider.on('server_error', (_context, error) => { console.error(error); });
provider.listen(settings.port, '127.0.0.1', () => { console.log('ready'); });
