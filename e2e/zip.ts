// A ZIP with one file in it, deflated: what gateways hand tables out as.
import { crc32, deflateRawSync } from 'node:zlib';

export function zip(name: string, text: string): Buffer {
	const [file, called] = [Buffer.from(text), Buffer.from(name)];
	const packed = deflateRawSync(file);
	// Version, flags, deflated, time, date, checksum, sizes, length of the name.
	const about = Buffer.alloc(24);
	about.writeUInt16LE(20, 0);
	about.writeUInt16LE(8, 4);
	about.writeUInt16LE(0x21, 8);
	about.writeUInt32LE(crc32(file), 10);
	about.writeUInt32LE(packed.length, 14);
	about.writeUInt32LE(file.length, 18);
	about.writeUInt16LE(called.length, 22);
	const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, Buffer.alloc(2), called, packed]);
	const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, Buffer.alloc(16), called]);
	const end = Buffer.alloc(22);
	end.write('PK\x05\x06', 'latin1');
	end.writeUInt16LE(1, 8);
	end.writeUInt16LE(1, 10);
	end.writeUInt32LE(central.length, 12);
	end.writeUInt32LE(local.length, 16);
	return Buffer.concat([local, central, end]);
}
