// An application that uses openid-client. It reads one JSON command a line from standard input and prints one JSON answer
// a line: {"ask": {…parameters}, "pushed": bool} gives {"url"}, {"callback": url} gives the validated ID token's claims.
import { createInterface } from 'node:readline'
import * as client from 'openid-client'

const [issuer, clientId, secret, redirectUri, algorithm] = process.argv.slice(2)
const metadata = { client_secret: secret, id_token_signed_response_alg: algorithm }
const config = await client.discovery(new URL(issuer), clientId, metadata, client.ClientSecretBasic(secret), {
  execute: [client.allowInsecureRequests, client.enableNonRepudiationChecks],
})
let pending

async function ask(parameters, pushed) {
  const verifier = client.randomPKCECodeVerifier()
  pending = { verifier, state: client.randomState(), nonce: client.randomNonce(), maxAge: parameters.max_age }
  const all = {
    redirect_uri: redirectUri,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: pending.state,
    nonce: pending.nonce,
    ...parameters,
  }
  const url = pushed
    ? await client.buildAuthorizationUrlWithPAR(config, all)
    : client.buildAuthorizationUrl(config, all)
  return { url: url.href }
}

async function callback(address) {
  const tokens = await client.authorizationCodeGrant(config, new URL(address), {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
    expectedNonce: pending.nonce,
    maxAge: pending.maxAge === undefined ? undefined : Number(pending.maxAge),
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  const person = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
  return { claims, person, access_token: tokens.access_token, refresh_token: tokens.refresh_token ?? null }
}

async function refresh(token) {
  const tokens = await client.refreshTokenGrant(config, token)
  return { claims: tokens.claims(), access_token: tokens.access_token }
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  let answer
  try {
    if (command.ask) answer = await ask(command.ask, command.pushed)
    else if (command.callback) answer = await callback(command.callback)
    else if (command.refresh) answer = await refresh(command.refresh)
    else if (command.introspect) answer = await client.tokenIntrospection(config, command.introspect)
    else answer = { revoked: (await client.tokenRevocation(config, command.revoke)) ?? true }
  } catch (error) {
    answer = { error: error.error ?? error.code ?? String(error), detail: String(error.cause ?? error) }
  }
  console.log(JSON.stringify(answer))
}
