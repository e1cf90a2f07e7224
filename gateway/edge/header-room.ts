/**
 * Header room for access tokens. uWebSockets.js reads UWS_HTTP_MAX_HEADERS_SIZE when its addon is loaded, so this
 * must be imported before it. The supervisor sets the same for its planes; whoever sets it first wins.
 */
export const HEADER_ROOM_BYTES = 16_384;

process.env.UWS_HTTP_MAX_HEADERS_SIZE ??= String(HEADER_ROOM_BYTES);
