// The peer: socket.io sends each message of a room to the other side and acknowledges it. With DATABASE_URL each is stored first.
// Deliberately absent, as in any chat made this way: who speaks, what was offered, another language, and what a phone missed.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';
import { Server } from 'socket.io';

const SCHEMA = `
	create schema if not exists peer;
	create table if not exists peer.messages (
		id uuid primary key,
		room text not null,
		side text not null,
		client_id uuid not null,
		said text not null,
		created_at timestamptz not null default now(),
		unique (room, client_id)
	);
	create index if not exists messages_by_room on peer.messages (room, created_at);`;
const INSERT = {
	name: 'insert',
	text: 'insert into peer.messages (id, room, side, client_id, said) values ($1, $2, $3, $4, $5)'
};

const { DATABASE_URL, PORT } = process.env;
const pool = DATABASE_URL ? new pg.Pool({ connectionString: DATABASE_URL }) : null;
await pool?.query(SCHEMA);

const http = createServer((_, answer) => answer.end('ready'));
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => {
	const { room, side } = socket.handshake.auth;
	socket.join(room);
	socket.on('say', async ({ client_id, text }, acknowledge) => {
		const id = randomUUID();
		await pool?.query({ ...INSERT, values: [id, room, side, client_id, text] });
		socket.to(room).emit('message', { id, client_id, by: side, text });
		acknowledge({ id });
	});
});
http.listen(Number(PORT), '127.0.0.1');
