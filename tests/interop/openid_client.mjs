// openid-client walks through the whole of a relying party's life. The human part happens outside: the script prints
// {"open": address} and reads on standard input what came back to the redirect address; at the end it prints what it saw.
import { createInterface } from 'node:readline/promises'
import * as client from 'openid-client'

const given = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function open(address) {
  console.log(JSON.stringify({ open: address.href }))
  return JSON.parse((await lines.next()).value)
}

async function authentication() {
  if (given.method === 'private_key_jwt') {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
    const key = await crypto.subtle.importKey('jwk', given.key, algorithm, false, ['sign'])
    return client.PrivateKeyJwt({ key, kid: given.key.kid })
  }
  if (given.method === 'none') return client.None()
  return (given.method === 'client_secret_post' ? client.ClientSecretPost : client.ClientSecretBasic)(given.secret)
}

const config = await client.discovery(
  new URL(given.issuer),
  given.client_id,
  { id_token_signed_response_alg: given.alg },
  await authentication(),
  { execute: [client.allowInsecureRequests] },
)
client.enableNonRepudiationChecks(config) // the signature of every ID token is checked, by our JWKS

async function logIn(responseMode) {
  const pkceCodeVerifier = client.randomPKCECodeVerifier()
  const expectedNonce = client.randomNonce()
  const expectedState = client.randomState()
  const back = await open(
    client.buildAuthorizationUrl(config, {
      redirect_uri: given.redirect_uri,
      scope: given.scope,
      response_mode: responseMode,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      nonce: expectedNonce,
      state: expectedState,
    }),
  )
  const came = new URL(back.address)
  const body = new URLSearchParams(back.fields)
  const answer = responseMode === 'form_post' ? new Request(came, { method: 'POST', body }) : came
  return client.authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedNonce, expectedState })
}

async function codeOf(attempt) {
  try {
    await attempt
    return 'accepted'
  } catch (error) {
    return error.error ?? error.code
  }
}

const seen = {}
const tokens = await logIn('query')
seen.claims = tokens.claims()
seen.userinfo = await client.fetchUserInfo(config, tokens.access_token, seen.claims.sub)
const posted = await logIn('form_post')
seen.form_post_sub = posted.claims().sub
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
seen.refreshed_sub = refreshed.claims().sub
seen.is_rotated = refreshed.refresh_token !== tokens.refresh_token
if (given.method !== 'none') {
  seen.introspected = await client.tokenIntrospection(config, refreshed.access_token)
}
await client.tokenRevocation(config, refreshed.refresh_token)
seen.after_revocation = await codeOf(client.refreshTokenGrant(config, refreshed.refresh_token))
const foreign = new URL(given.redirect_uri)
foreign.search = new URLSearchParams({ code: 'stolen', state: 'one', iss: 'https://other.example' })
seen.foreign_issuer = await codeOf(
  client.authorizationCodeGrant(config, foreign, { expectedState: 'one', pkceCodeVerifier: 'x'.repeat(43) }),
)
const left = await open(
  client.buildEndSessionUrl(config, {
    id_token_hint: posted.id_token,
    post_logout_redirect_uri: given.after_logout,
    state: 'left',
  }),
)
seen.after_logout = left.address
seen.silently = await codeOf(
  open(client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: 'openid',
    prompt: 'none',
    state: 'two',
    code_challenge: await client.calculatePKCECodeChallenge('x'.repeat(43)),
    code_challenge_method: 'S256',
  })).then((back) =>
    client.authorizationCodeGrant(config, new URL(back.address), {
      expectedState: 'two',
      pkceCodeVerifier: 'x'.repeat(43),
    }),
  ),
)
console.log(JSON.stringify({ seen }))
process.exit(0)
