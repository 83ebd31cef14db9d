// Uploads a file with tus-js-client: endpoint, token, path, modules' folder, how many parts at once. Prints the upload.
import { createReadStream, statSync } from "node:fs";
import { createRequire } from "node:module";

const [endpoint, token, path, modules, parts] = process.argv.slice(2);
const tus = createRequire(`${modules}/`)("tus-js-client");

const upload = new tus.Upload(createReadStream(path), {
    endpoint,
    headers: { Authorization: `Bearer ${token}` },
    metadata: { filename: "from-node.bin", category: "general" },
    // Parts are uploads of their own, which the last request puts together (concatenation).
    ...(Number(parts) > 1 ? { parallelUploads: Number(parts) } : { uploadSize: statSync(path).size }),
    chunkSize: 16 * 1024 * 1024,
    retryDelays: Array(100).fill(50),
    onError: (error) => {
        console.error(String(error));
        process.exit(1);
    },
    onSuccess: () => console.log(upload.url),
});
upload.start();
