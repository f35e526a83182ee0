// @node-saml/node-saml as two service providers of one person. What a person or an operator does happens outside: the
// script prints {"register": metadata}, {"open": address} or {"leave": true}, and reads on standard input what came of
// it; at the end it prints what it saw.
import { createInterface } from 'node:readline/promises'
import { SAML } from '@node-saml/node-saml'
import { DOMParser } from '@xmldom/xmldom'
import xpath from 'xpath'

const given = JSON.parse(process.argv[2])
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

async function ask(question) {
  console.log(JSON.stringify(question))
  return JSON.parse((await lines.next()).value)
}

// It reads no metadata by itself: what it needs to know is picked out of ours.
const select = xpath.useNamespaces({
  md: 'urn:oasis:names:tc:SAML:2.0:metadata',
  ds: 'http://www.w3.org/2000/09/xmldsig#',
})
const response = await fetch(`${given.issuer}/saml/metadata`)
const metadata = new DOMParser().parseFromString(await response.text(), 'text/xml')
const text = (path) => select(`string(${path})`, metadata)
const redirect = "[@Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect']/@Location"
const idp = {
  idpIssuer: text('/md:EntityDescriptor/@entityID'),
  entryPoint: text(`//md:SingleSignOnService${redirect}`),
  logoutUrl: text(`//md:SingleLogoutService${redirect}`),
  idpCert: select("//md:KeyDescriptor[@use='signing']//ds:X509Certificate/text()", metadata).map((node) => node.data),
}

async function serviceProvider(name) {
  const base = `${given.base}/${name}`
  const saml = new SAML({
    ...idp,
    issuer: `${base}/metadata`,
    callbackUrl: `${base}/acs`,
    logoutCallbackUrl: `${base}/slo`,
    privateKey: given.key,
    decryptionPvk: given.key,
    signatureAlgorithm: 'sha256', // its own default is SHA-1
    digestAlgorithm: 'sha256',
    identifierFormat: null, // its own default is emailAddress
    validateInResponseTo: 'ifPresent', // 'always' refuses every LogoutResponse by POST
  })
  await ask({ register: saml.generateServiceProviderMetadata(given.certificate, given.certificate) })
  return saml
}

async function signIn(saml, way) {
  const { fields } = await ask(way ?? { open: await saml.getAuthorizeUrlAsync('back', undefined, {}) })
  if (fields.RelayState !== 'back') throw new Error(`RelayState: ${fields.RelayState}`)
  const { profile } = await saml.validatePostResponseAsync(fields)
  return profile
}

// It deflates everything or nothing, whatever the binding: who asks by POST needs one that does not.
async function postedBy(saml) {
  const { options, cacheProvider } = saml
  const plain = { authnRequestBinding: 'HTTP-POST', skipRequestCompression: true }
  return { post: await new SAML({ ...options, ...plain, cacheProvider }).getAuthorizeMessageAsync('back') }
}

// What a browser brought to the logout address: its metadata names POST for it.
function received(saml, { fields }) {
  return fields.SAMLRequest ? saml.validatePostRequestAsync(fields) : saml.validatePostResponseAsync(fields)
}

async function confirm(saml, back) {
  const { profile } = await received(saml, back)
  return ask({ open: await saml.getLogoutResponseUrlAsync(profile, '', {}, true) })
}

const seen = {}
const one = await serviceProvider('one')
const two = await serviceProvider('two')
seen.one = await signIn(one)
seen.two = await signIn(two, await postedBy(two))
// Sign-out that begins at a service provider: the other one hears of it, then the answer comes.
const told = await ask({ open: await one.getLogoutUrlAsync(seen.one, '', {}) })
seen.told = told.address
const answered = await confirm(two, told)
seen.answered = answered.address
seen.logged_out = (await received(one, answered)).loggedOut
// And one that begins at the IdP.
seen.again = await signIn(one)
const left = await ask({ leave: true })
seen.left = left.address
seen.end = (await confirm(one, left)).path
console.log(JSON.stringify({ seen }))
process.exit(0)
