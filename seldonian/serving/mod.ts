/**
 * Serves a model that passed its test: decisions exactly as certified, outcomes, and the monitor of its promise.
 * @module
 */
export { type Server, server, type ServerLimits, type ServerOptions } from "./server.ts";
