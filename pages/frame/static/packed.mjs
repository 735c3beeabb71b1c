// Columns of numbers as the server sends them: base64 of their bytes, the lowest byte first.

export function unpacked(text, Numbers) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let n = 0; n < letters.length; n++) bytes[n] = letters.charCodeAt(n);
  return new Numbers(bytes.buffer);
}
