// A zip file of stored (uncompressed) entries: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.
"use strict";

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) {
    value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return value;
});

function crc32(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value = (value >>> 8) ^ CRC_TABLE[(value ^ byte) & 0xff];
  }
  return (value ^ 0xffffffff) >>> 0;
}

// fields: [size in bytes, value] one after the other, little-endian.
function record(fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, field) => sum + field[0], 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) {
      view.setUint16(at, value, true);
    } else {
      view.setUint32(at, value, true);
    }
    at += size;
  }
  return new Uint8Array(view.buffer);
}

class ZipWriter {
  constructor(date) {
    this.parts = [];
    this.entries = [];
    this.length = 0;
    this.time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
    this.day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  }

  add(path, bytes) {
    // Without the extension Zip64 a file has at most 65535 entries and 4 GiB.
    if (this.entries.length >= 65535 || this.length + bytes.length > 0xfff00000) {
      throw new Error("The selection is too large for one zip file; choose less.");
    }
    const name = new TextEncoder().encode(path);
    // Version 2.0, names in UTF-8 (bit 11), stored, and what both headers say of the data.
    const common = [
      [2, 20], [2, 0x0800], [2, 0], [2, this.time], [2, this.day], [4, crc32(bytes)],
      [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0],
    ];
    this.entries.push({ name, common, offset: this.length });
    this.push(record([[4, 0x04034b50], ...common]), name, bytes);
  }

  push(...parts) {
    for (const part of parts) {
      this.parts.push(part);
      this.length += part.length;
    }
  }

  finish() {
    const start = this.length;
    for (const { name, common, offset } of this.entries) {
      const rest = [[2, 0], [2, 0], [2, 0], [4, 0], [4, offset]];
      this.push(record([[4, 0x02014b50], [2, 20], ...common, ...rest]), name);
    }
    const count = this.entries.length;
    const size = this.length - start;
    this.push(record([
      [4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, start], [2, 0],
    ]));
    return new Blob(this.parts, { type: "application/zip" });
  }
}
