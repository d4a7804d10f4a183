// sbom.mjs LOCK OUT: writes down in CycloneDX 1.6 what npm brought for browsers; Maven's part is Quarkus's to write.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const [lockFile, outFile] = process.argv.slice(2);
const lock = JSON.parse(readFileSync(lockFile, "utf8"));
const components = Object.entries(lock.packages)
  .filter(([path]) => path !== "")
  .map(([path, found]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const purl = `pkg:npm/${name.replace("@", "%40")}@${found.version}`;
    const [algorithm, digest] = (found.integrity ?? "").split("-", 2);
    return {
      type: "library",
      "bom-ref": purl,
      name,
      version: found.version,
      purl,
      ...(found.license && { licenses: [{ license: { id: found.license } }] }),
      ...(algorithm === "sha512" && {
        hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }],
      }),
    };
  });
mkdirSync(dirname(outFile), { recursive: true });
writeFileSync(
  outFile,
  JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: { component: { type: "application", name: lock.name, version: "0" } },
      components,
    },
    null,
    2,
  ) + "\n",
);
