/**
 * A certificate for `serve --demo --lan`, signed by itself: other machines are asked once whether they trust it.
 *
 * Invariants: it is kept, and used again, while it is valid and names every address of this machine; key and certificate
 * are readable by their owner alone and never half-written.
 */
import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TlsFiles } from '../config/config.ts';

const DAY_MS = 86_400_000;
/** Browsers take none that is valid for longer. */
const VALID_DAYS = 397;
const RENEW_DAYS = 30;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' } as const;

/** What the certificate is for. */
export interface CertificateNames {
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * The files of a certificate for `names` in `folder`, which is made where absent. `nowMs`: wall clock. Rejects with one
 * line when the folder cannot be written to.
 */
export async function demoCertificate(folder: string, names: CertificateNames, nowMs: number): Promise<TlsFiles> {
  const files = { keyFile: join(folder, 'demo-key.pem'), certFile: join(folder, 'demo-certificate.pem') };
  if (serves(files, names, nowMs)) return files;
  const { key, certificate } = await generate(names, nowMs);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    write(files.keyFile, key);
    write(files.certFile, certificate);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Error(
      `the demo's certificate cannot be kept in ${folder} (${code}): set stateFolder to a folder of yours`,
    );
  }
  return files;
}

/** Whether what is kept will do for another month, and for every name. */
function serves({ keyFile, certFile }: TlsFiles, { hosts, addresses }: CertificateNames, nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(readFileSync(certFile));
    const from = Date.parse(certificate.validFrom);
    const until = Date.parse(certificate.validTo) - RENEW_DAYS * DAY_MS;
    const named =
      hosts.every((host) => certificate.checkHost(host)) && addresses.every((address) => certificate.checkIP(address));
    return (
      named && from <= nowMs && nowMs <= until && certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
    );
  } catch {
    return false;
  }
}

async function generate(names: CertificateNames, nowMs: number): Promise<{ key: string; certificate: string }> {
  const { X509CertificateGenerator, SubjectAlternativeNameExtension, ExtendedKeyUsageExtension, ExtendedKeyUsage } =
    await import('@peculiar/x509');
  const keys = (await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const alternatives = [
    ...names.hosts.map((value) => ({ type: 'dns' as const, value })),
    ...names.addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await X509CertificateGenerator.createSelfSigned({
    // Positive, as its first digit is below 8.
    serialNumber: `1${randomBytes(8).toString('hex').slice(1)}`,
    name: 'CN=Sluice demo',
    // Phones' clocks differ.
    notBefore: new Date(nowMs - DAY_MS),
    notAfter: new Date(nowMs + (VALID_DAYS - 1) * DAY_MS),
    keys,
    signingAlgorithm: { ...ALGORITHM, hash: 'SHA-256' },
    extensions: [
      new SubjectAlternativeNameExtension(alternatives),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ],
  });
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = pkcs8.replace(/.{64}(?=.)/g, '$&\n');
  const key = `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
  return { key, certificate: `${certificate.toString('pem')}\n` };
}

function write(name: string, text: string): void {
  const unfinished = `${name}.${process.pid}`;
  writeFileSync(unfinished, text, { mode: 0o600 });
  renameSync(unfinished, name);
}
