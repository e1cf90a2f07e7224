/** Reads the demo's files off the control plane's own thread, which calls are waiting for. Run as a worker only. */
import { parentPort, workerData } from 'node:worker_threads';
import { type DemoPlace, demoFiles } from './demo-files.ts';

parentPort?.postMessage(demoFiles(workerData as DemoPlace));
