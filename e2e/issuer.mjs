// An issuer of OpenID Connect for journeys: a certified library's, with pages of its own; takes any name and password.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import Provider from 'oidc-provider';

const { ISSUER_HOST: host = '127.0.0.1', ISSUER_PORT: port = '18094', ISSUER_RETURN: back = '' } = process.env;
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const issuer = new Provider(`http://${host}:${port}`, {
	clients: [{ client_id: 'vyapar', client_secret: 'guards-nothing-but-a-journey', redirect_uris: [back] }],
	jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'journey' }] },
	cookies: { keys: [randomBytes(32).toString('hex')] },
	pkce: { required: () => true },
	claims: { openid: ['sub'], email: ['email'] },
	// The token itself says the address: nobody asks for it elsewhere.
	conformIdTokenClaims: false,
	findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId, email: `${accountId}@example.org` }) })
});
issuer.listen(Number(port), host);
