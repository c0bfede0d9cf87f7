// The contract of the HTTP API as types. Made from `/api/v1/openapi.json` by `npm run types`.

type Json<T> = { content: { 'application/json': T } };
type Problems = { content: { 'application/problem+json': components['schemas']['Problem'] } };
type Ok<T> = { 200: Json<T>; default: Problems };
type Created<T> = { 201: Json<T>; default: Problems };
type Empty = { 204: { content?: never }; default: Problems };
type File<Type extends string> = { 200: { content: { [t in Type]: string } }; default: Problems };
type Page<T> = { items: T[]; next?: string };

interface None {
	query?: never;
	header?: never;
	path?: never;
	cookie?: never;
}
interface Id {
	query?: never;
	header?: never;
	path: { id: string };
	cookie?: never;
}
interface IdAnd<Name extends string> {
	query?: never;
	header?: never;
	path: { id: string } & { [name in Name]: string };
	cookie?: never;
}
interface Paged {
	query?: { before?: string; limit?: number };
	header?: never;
	path?: never;
	cookie?: never;
}
interface PagedId {
	query?: { before?: string; limit?: number };
	header?: never;
	path: { id: string };
	cookie?: never;
}
interface Get<P, R> {
	parameters: P;
	requestBody?: never;
	responses: R;
}
interface Send<P, B, R> {
	parameters: P;
	requestBody: Json<B>;
	responses: R;
}
interface Act<P, R> {
	parameters: P;
	requestBody?: never;
	responses: R;
}

type S = components['schemas'];

export interface paths {
	'/accounts': { post: Send<None, S['NewAccount'], Created<S['Person']>> };
	'/sessions': { post: Send<None, S['Credentials'], Created<S['Person']>> };
	'/sessions/current': { delete: Act<None, Empty> };
	'/me': { get: Get<None, Ok<S['Me']>>; patch: Send<None, S['PersonChange'], Ok<S['Person']>> };
	'/socket-tickets': { post: Send<None, { visit_id?: string }, Created<S['SocketTicket']>> };

	'/stall': { get: Get<None, Ok<S['Stall']>>; put: Send<None, S['StallChange'], Ok<S['Stall']>> };
	'/stall/qr': { get: Get<None, Ok<S['StallQr']>> };
	'/products': {
		get: Get<Paged, Ok<Page<S['Product']>>>;
		post: Send<None, S['NewProduct'], Created<S['Product']>>;
	};
	'/products/{id}': {
		get: Get<Id, Ok<S['Product']>>;
		patch: Send<Id, S['ProductChange'], Ok<S['Product']>>;
		delete: Act<Id, Empty>;
	};
	'/products/{id}/stock-movements': {
		get: Get<PagedId, Ok<Page<S['StockMovement']>>>;
		post: Send<Id, S['StockChange'], Ok<S['Product']>>;
	};
	'/goods': {
		get: Get<
			{ query: { query: string; language?: S['Language'] }; header?: never; path?: never; cookie?: never },
			Ok<{ items: S['Good'][] }>
		>;
	};

	'/stall-previews': { post: Send<None, { token: string }, Ok<S['StallPreview']>> };
	'/visits': {
		get: Get<Paged, Ok<Page<S['VisitCard']>>>;
		post: Send<None, { token: string; language: S['Language'] }, Created<S['Visit']>>;
	};
	'/visits/{id}': {
		get: Get<Id, Ok<S['Visit']>>;
		patch: Send<Id, { language: S['Language'] }, Ok<S['Visit']>>;
	};
	'/visits/{id}/messages': {
		get: Get<PagedId, Ok<Page<S['Message']>>>;
		post: Send<Id, S['NewMessage'], Created<S['Said']>>;
	};
	'/visits/{id}/recordings': {
		post: {
			parameters: {
				query: { client_id: string; product_id?: string; keep?: boolean; expecting?: S['Expecting'] };
				header?: never;
				path: { id: string };
				cookie?: never;
			};
			requestBody: { content: { 'application/octet-stream': string } };
			responses: { 202: Json<S['Message']>; default: Problems };
		};
	};
	'/visits/{id}/offers': { post: Send<Id, S['NewOffer'], Created<S['Offer']>> };
	'/visits/{id}/leave': { post: Act<Id, Ok<S['Visit']>> };
	'/visits/{id}/offers/{offer}/withdraw': { post: Act<IdAnd<'offer'>, Ok<S['Offer']>> };
	'/visits/{id}/offers/{offer}/decline': { post: Act<IdAnd<'offer'>, Ok<S['Offer']>> };
	'/visits/{id}/acceptances': { post: Send<Id, S['NewAcceptance'], Created<S['ReadBack']>> };
	'/visits/{id}/read-backs/{read_back}/confirm': {
		post: Send<IdAnd<'read_back'>, { client_id: string; choice?: number }, Ok<S['Settled']>>;
	};
	'/visits/{id}/read-backs/{read_back}/dismiss': { post: Act<IdAnd<'read_back'>, Empty> };
	'/visits/{id}/messages/{message}/speech': { get: Get<IdAnd<'message'>, File<'audio/ogg'>> };
	'/visits/{id}/messages/{message}/recording': { get: Get<IdAnd<'message'>, File<'audio/ogg'>> };
	'/visits/{id}/read-backs/{read_back}/speech': { get: Get<IdAnd<'read_back'>, File<'audio/ogg'>> };

	'/orders': { get: Get<Paged, Ok<Page<S['OrderCard']>>> };
	'/orders/{id}': { get: Get<Id, Ok<S['Order']>> };
	'/orders/{id}/hand-over': { post: Act<Id, Ok<S['Order']>> };
	'/orders/{id}/cancel': { post: Act<Id, Ok<S['Order']>> };
	'/orders/{id}/payment': { get: Get<Id, Ok<S['Payment']>> };
	'/orders/{id}/payment/checkout': { post: Send<Id, S['CheckoutAnswer'], Ok<S['Payment']>> };
	'/orders/{id}/payment/received': {
		post: Send<Id, { client_id: string; method: 'upi' | 'cash' }, Ok<S['Payment']>>;
	};
	'/orders/{id}/document': { get: Get<Id, Ok<S['Document']>> };
	'/orders/{id}/document.pdf': {
		get: Get<
			{ query?: { language?: S['Language'] }; header?: never; path: { id: string }; cookie?: never },
			File<'application/pdf'>
		>;
	};
	'/documents': { get: Get<Paged, Ok<Page<S['Document']>>> };
	'/wallet': { get: Get<Paged, Ok<S['Wallet']>> };
	'/payment-profile': {
		get: Get<None, Ok<S['PaymentProfile']>>;
		put: Send<None, S['PaymentProfileChange'], Ok<S['PaymentProfile']>>;
	};
	'/tax-profile': {
		get: Get<None, Ok<S['TaxProfile']>>;
		put: Send<None, S['TaxProfile'], Ok<S['TaxProfile']>>;
	};

	'/operator/visits': { get: Get<Operated, Ok<Page<S['OperatorVisit']>>> };
	'/operator/orders': { get: Get<Operated, Ok<Page<S['OperatorOrder']>>> };
	'/operator/webhooks': { get: Get<Operated, Ok<Page<S['OperatorWebhook']>>> };
	'/operator/jobs': { get: Get<Operated, Ok<Page<S['OperatorJob']>>> };
	'/operator/jobs/{id}/revive': { post: Send<Id, { reason: string }, Ok<S['OperatorJob']>> };
	'/operator/webhooks/{id}/replay': { post: Send<Id, { reason: string }, Ok<S['OperatorWebhook']>> };

	'/capabilities': { get: Get<None, Ok<S['Capabilities']>> };
	'/push-subscriptions': {
		post: Send<None, S['PushSubscription'], Empty>;
		delete: Send<None, { endpoint: string }, Empty>;
	};
}

interface Operated {
	query?: { before?: string; limit?: number; state?: string };
	header?: never;
	path?: never;
	cookie?: never;
}

export interface components {
	schemas: {
		Language: 'en' | 'hi' | 'bn' | 'ta' | 'te' | 'mr' | 'gu' | 'kn' | 'ml' | 'pa' | 'or' | 'as' | 'ur';
		Unit:
			| 'kg'
			| 'g'
			| 'quintal'
			| 'litre'
			| 'ml'
			| 'piece'
			| 'dozen'
			| 'packet'
			| 'bunch'
			| 'metre'
			| 'box'
			| 'bag';
		/** In the currency's minor unit: paise. */
		Money: { minor: number; currency: 'INR' };
		/** A decimal of at most three places, as a string. */
		Quantity: string;
		/** What `per` of `unit` costs. */
		Price: { amount: S['Money']; per: S['Quantity']; unit: S['Unit'] };
		Side: 'buyer' | 'vendor';
		Names: { [language: string]: string };

		ProblemType:
			| 'bad-request'
			| 'signed-out'
			| 'forbidden'
			| 'not-found'
			| 'method-not-allowed'
			| 'too-large'
			| 'unsupported-media'
			| 'invalid-field'
			| 'cross-site'
			| 'too-many-requests'
			| 'internal'
			| 'unavailable'
			| 'client-id-reused'
			| 'no-stall'
			| 'qr-forged'
			| 'qr-expired'
			| 'no-voice';
		Problem: {
			type: string;
			title: string;
			status: number;
			detail?: string;
			field?: string;
			retry_after_s?: number;
			stall_name?: string;
		};

		NewAccount: { phone: string; name: string; password: string; language: S['Language'] };
		Credentials: { phone: string; password: string };
		Person: {
			id: string;
			name: string;
			phone: string;
			language: S['Language'];
			tenant_id?: string;
			operator: boolean;
		};
		PersonChange: { name?: string; language?: S['Language'] };
		Pass: { visit_id: string; tenant_id: string; stall_name: string; expires_at: string };
		Me: { person?: S['Person']; passes: S['Pass'][] };
		SocketTicket: { ticket: string; expires_at: string };

		Stall: { tenant_id: string; name: string; language: S['Language']; about?: string };
		StallChange: { name: string; language: S['Language']; about?: string };
		StallQr: { url: string; token: string; issued_at: string; expires_at: string; svg: string };
		Tax: { hsn?: string; treatment: 'exempt' | 'taxable'; rate_percent?: string };
		Stock: { on_hand: S['Quantity']; held: S['Quantity']; available: S['Quantity']; unit: S['Unit'] };
		Product: {
			id: string;
			name: string;
			names: S['Names'];
			lemma?: string;
			price: S['Price'];
			floor?: S['Price'];
			stock: S['Stock'];
			tax: S['Tax'];
			hidden: boolean;
		};
		NewProduct: {
			name: string;
			language?: S['Language'];
			lemma?: string;
			price: S['Price'];
			stock: S['Quantity'];
			floor?: S['Price'];
			tax?: S['Tax'];
		};
		ProductChange: {
			name?: string;
			language?: S['Language'];
			lemma?: string;
			price?: S['Price'];
			floor?: S['Price'] | null;
			tax?: S['Tax'];
			hidden?: boolean;
		};
		StockChange: {
			client_id: string;
			change?: string;
			set?: S['Quantity'];
			reason: 'counted' | 'bought' | 'spoilt';
		};
		StockMovement: { id: string; kind: string; change: string; on_hand_after: S['Quantity']; created_at: string };
		Good: { lemma: string; names: S['Names']; unit: S['Unit']; hsn?: string };

		StallPreview: {
			tenant_id: string;
			stall_name: string;
			languages: S['Language'][];
			products: { id: string; names: S['Names']; price: S['Price']; unit: S['Unit']; in_stock: boolean }[];
			rejoin_visit_id?: string;
		};
		Capability: {
			how: string;
			why?: string;
			fix?: string;
		};
		VisitProduct: { id: string; names: S['Names']; price: S['Price']; unit: S['Unit']; available: S['Quantity'] };
		VisitVoice: { recognition: S['Capability']; speech: S['Capability']; translation: S['Capability'] };
		VisitState: 'open' | 'left' | 'closed';
		Visit: {
			id: string;
			tenant_id: string;
			stall_name: string;
			state: S['VisitState'];
			buyer_language: S['Language'];
			vendor_language: S['Language'];
			buyer_number: number;
			product_id?: string;
			products: S['VisitProduct'][];
			standing: S['Offer'] | null;
			offers: S['Offer'][];
			read_back: S['ReadBack'] | null;
			order: S['OrderCard'] | null;
			bargain_until: string;
			expires_at: string;
			voice: S['VisitVoice'];
		};
		VisitCard: {
			id: string;
			stall_name?: string;
			buyer_number: number;
			buyer_language: S['Language'];
			state: S['VisitState'];
			last_message?: { text: string; by: 'buyer' | 'vendor' | 'app'; at: string };
			standing: S['Offer'] | null;
			unseen: number;
			order?: S['OrderCard'];
			updated_at: string;
		};
		Message: {
			id: string;
			visit_id: string;
			seq: number;
			client_id: string;
			by: 'buyer' | 'vendor' | 'app';
			via: 'typed' | 'spoken' | 'keypad' | 'browser' | 'app';
			state: 'hearing' | 'heard' | 'unclear' | 'refused';
			text: string;
			language: S['Language'];
			original: { text: string; language: S['Language'] };
			made_by: string;
			warning?: 'numbers-differ';
			refused_because?: string;
			acts: { act: string; [member: string]: unknown }[];
			offer_id?: string;
			recording?: { sha256: string; duration_ms: number; kept_until?: string; heard_by?: string };
			delivered: boolean;
			seen: boolean;
			created_at: string;
		};
		NewMessage: { client_id: string; text: string; product_id?: string; via: 'typed' | 'browser' };
		Expecting: 'anything' | 'price' | 'quantity' | 'yes_no';
		OfferState:
			| 'being_confirmed'
			| 'offered'
			| 'countered'
			| 'accepted'
			| 'declined'
			| 'withdrawn'
			| 'expired';
		Moves: { accept: boolean; counter: boolean; decline: boolean; withdraw: boolean };
		Offer: {
			id: string;
			visit_id: string;
			by: S['Side'];
			product_id: string;
			product_name: string;
			price: S['Price'];
			quantity: S['Quantity'];
			quantity_unit: S['Unit'];
			quantity_fixed: boolean;
			total: S['Money'];
			state: S['OfferState'];
			confirmed: boolean;
			expires_at: string;
			created_at: string;
			counters?: string;
			message_id?: string;
			may: S['Moves'];
			counter_chips: S['Price'][];
			below_floor?: boolean;
		};
		NewOffer: {
			client_id: string;
			product_id: string;
			price: S['Price'];
			quantity: S['Quantity'];
			quantity_unit: S['Unit'];
		};
		NewAcceptance: {
			client_id: string;
			offer_id?: string;
			product_id?: string;
			quantity?: S['Quantity'];
			quantity_unit?: S['Unit'];
		};
		ReadBack: {
			id: string;
			visit_id: string;
			kind: 'offer' | 'accept' | 'which' | 'product';
			open: boolean;
			text: string;
			choices: string[];
			offer?: S['Offer'];
			message_id?: string;
			below_floor?: boolean;
			expires_at: string;
		};
		Said: { message: S['Message']; read_back?: S['ReadBack']; offer?: S['Offer']; order?: S['OrderCard'] };
		Settled: { offer?: S['Offer']; order?: S['OrderCard']; read_back?: S['ReadBack'] };

		OrderState: 'open' | 'paid' | 'handed_over' | 'cancelled' | 'expired' | 'refunded';
		OrderCard: {
			id: string;
			number: string;
			state: S['OrderState'];
			total: S['Money'];
			visit_id: string;
			buyer_number: number;
			created_at: string;
		};
		OrderLine: {
			product_id: string;
			name: string;
			quantity: S['Quantity'];
			unit: S['Unit'];
			price: S['Price'];
			total: S['Money'];
		};
		Order: S['OrderCard'] & {
			lines: S['OrderLine'][];
			timeline: { state: S['OrderState']; at: string }[];
			payment: S['Payment'];
			document?: S['Document'];
			hold_expires_at?: string;
		};
		PaymentState:
			| 'preparing'
			| 'waiting'
			| 'checking'
			| 'paid'
			| 'failed'
			| 'replaced'
			| 'expired'
			| 'refunded';
		WayToPay: {
			kind: 'upi_link' | 'qr' | 'checkout' | 'cash';
			by: 'gateway' | 'vendor';
			uri?: string;
			image_svg?: string;
			checkout?: { key_id: string; order_id: string; script_url?: string };
			expires_at?: string;
		};
		Payment: {
			intent_id: string;
			state: S['PaymentState'];
			amount: S['Money'];
			method?: string;
			confirmed_by?: 'gateway' | 'vendor';
			reference?: string;
			paid_at?: string;
			ways: S['WayToPay'][];
		};
		CheckoutAnswer: { razorpay_payment_id: string; razorpay_order_id: string; razorpay_signature: string };
		Document: {
			id: string;
			kind: 'tax_invoice' | 'bill_of_supply' | 'receipt';
			number: string;
			order_id: string;
			total: S['Money'];
			issued_at: string;
		};
		WalletEntry: {
			id: string;
			at: string;
			text_key: string;
			order_number?: string;
			gross: S['Money'];
			commission: S['Money'];
			net: S['Money'];
			balance_after: S['Money'];
		};
		Wallet: {
			owed: S['Money'];
			on_hold: S['Money'];
			commission_this_month: S['Money'];
			entries: { items: S['WalletEntry'][]; next?: string };
		};
		PaymentProfile: { upi_id?: string; cash: boolean; commission: { percent: string } };
		PaymentProfileChange: { upi_id?: string; cash: boolean };
		TaxProfile: {
			registration: 'regular' | 'composition' | 'none';
			gstin?: string;
			legal_name: string;
			address: string;
			state_code: string;
		};

		OperatorVisit: {
			id: string;
			tenant_id: string;
			stall_name: string;
			buyer_number: number;
			state: S['VisitState'];
			updated_at: string;
		};
		OperatorOrder: S['OrderCard'] & { tenant_id: string; stall_name: string };
		OperatorWebhook: {
			id: string;
			event: string;
			state: string;
			received_at: string;
			note?: string;
		};
		OperatorJob: {
			id: string;
			kind: string;
			state: string;
			attempts: number;
			run_at: string;
			error?: string;
		};

		LanguageCapability: {
			code: S['Language'];
			own_name: string;
			direction: 'ltr' | 'rtl';
			recognition: S['Capability'];
			speech: S['Capability'];
			translation: S['Capability'];
		};
		Capabilities: {
			languages: S['LanguageCapability'][];
			payments: { gateway: 'razorpay' | 'off'; why?: string };
			push: { public_key?: string };
		};
		PushSubscription: { endpoint: string; keys: { p256dh: string; auth: string } };
	};
	responses: never;
	parameters: never;
	requestBodies: never;
	headers: never;
	pathItems: never;
}

export type operations = Record<string, never>;
