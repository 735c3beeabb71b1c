// A digest of what is drawn (FNV-1a, 32 bits): two pictures of one frame must have the same.
const BITS = new Float64Array(1), HALVES = new Uint32Array(BITS.buffer);
const PRIME = 16777619;

export class Digest {
  constructor() { this.state = 2166136261; }

  part(bits) { this.state = Math.imul(this.state ^ bits, PRIME); }

  number(value) {
    BITS[0] = value;
    this.part(HALVES[0]);
    this.part(HALVES[1]);
  }

  text(value) {
    for (let n = 0; n < value.length; n++) this.part(value.charCodeAt(n));
  }

  toString() { return (this.state >>> 0).toString(16); }
}
