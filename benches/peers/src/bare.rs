//! The floor: one array of queues by price, a bitmap for the next best, orders by their number. No names, no
//! checks, no bounds but those of its arrays, no events: the least that price-time matching can do.

use crate::{Order, Peer, Side};

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Node {
    quantity: u64,
    price: u32,
    older: u32,
    younger: u32,
    is_buy: bool,
}

/// The bare book.
#[derive(Debug)]
pub struct Bare {
    nodes: Vec<Node>,
    /// Oldest and youngest by price, from `lowest` on.
    queues: Vec<[u32; 2]>,
    bits: Vec<u64>,
    /// Which words of `bits` are not zero.
    summary: Vec<u64>,
    lowest: u64,
    bid: u32,
    ask: u32,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.quantity, self.price)
    }
}

impl Bare {
    /// Room for so many orders at `lowest` and 2^`log` - 2 prices above it.
    #[must_use]
    pub fn new(orders: usize, lowest: u64, log: u32) -> Bare {
        let empty = Node { quantity: 0, price: 0, older: NONE, younger: NONE, is_buy: false };
        Bare {
            nodes: vec![empty; orders],
            queues: vec![[NONE; 2]; 1 << log],
            bits: vec![0; 1 << (log - 6)],
            summary: vec![0; 1 << (log - 12)],
            lowest: lowest - 1,
            bid: 0,
            ask: NONE,
        }
    }

    fn take(&mut self, is_buy: bool, limit: u32, quantity: &mut u64) -> u64 {
        let mut trades = 0;
        while *quantity > 0 && if is_buy { self.ask <= limit } else { self.bid >= limit && self.bid != 0 } {
            let at = if is_buy { self.ask } else { self.bid };
            let maker = self.queues[at as usize][0];
            let node = &mut self.nodes[maker as usize];
            let traded = node.quantity.min(*quantity);
            node.quantity -= traded;
            *quantity -= traded;
            trades += 1;
            if node.quantity == 0 {
                self.unlink(maker);
            }
        }
        trades
    }

    fn link(&mut self, id: u32, is_buy: bool, price: u32, quantity: u64) {
        let queue = &mut self.queues[price as usize];
        let older = queue[1];
        self.nodes[id as usize] = Node { quantity, price, older, younger: NONE, is_buy };
        queue[1] = id;
        if older != NONE {
            self.nodes[older as usize].younger = id;
            return;
        }
        queue[0] = id;
        self.bits[price as usize >> 6] |= 1 << (price & 63);
        self.summary[price as usize >> 12] |= 1 << (price >> 6 & 63);
        if is_buy {
            self.bid = self.bid.max(price);
        } else {
            self.ask = self.ask.min(price);
        }
    }

    fn unlink(&mut self, id: u32) {
        let Node { price, older, younger, is_buy, .. } = self.nodes[id as usize];
        self.nodes[id as usize].quantity = 0;
        let queue = &mut self.queues[price as usize];
        if older == NONE {
            queue[0] = younger
        } else {
            self.nodes[older as usize].younger = younger
        }
        if younger == NONE {
            queue[1] = older
        } else {
            self.nodes[younger as usize].older = older
        }
        if queue[0] != NONE {
            return;
        }
        let word = price as usize >> 6;
        self.bits[word] &= !(1 << (price & 63));
        if self.bits[word] == 0 {
            self.summary[word >> 6] &= !(1 << (word & 63));
        }
        if is_buy && price == self.bid {
            self.bid = self.below(price);
        } else if !is_buy && price == self.ask {
            self.ask = self.above(price);
        }
    }

    fn below(&self, price: u32) -> u32 {
        let word = price as usize >> 6;
        let bits = self.bits[word] & ((1 << (price & 63)) - 1);
        if bits != 0 {
            return (word as u32) << 6 | bits.ilog2();
        }
        let mut at = word >> 6;
        let mut words = self.summary[at] & ((1 << (word & 63)) - 1);
        while words == 0 {
            if at == 0 {
                return 0;
            }
            at -= 1;
            words = self.summary[at];
        }
        let word = at << 6 | words.ilog2() as usize;
        (word as u32) << 6 | self.bits[word].ilog2()
    }

    fn above(&self, price: u32) -> u32 {
        let beyond = |bit: u32| if bit == 63 { 0 } else { u64::MAX << (bit + 1) };
        let word = price as usize >> 6;
        let bits = self.bits[word] & beyond(price & 63);
        if bits != 0 {
            return (word as u32) << 6 | bits.trailing_zeros();
        }
        let mut at = word >> 6;
        let mut words = self.summary[at] & beyond(word as u32 & 63);
        while words == 0 {
            at += 1;
            match self.summary.get(at) {
                Some(&next) => words = next,
                None => return NONE,
            }
        }
        let word = at << 6 | words.trailing_zeros() as usize;
        (word as u32) << 6 | self.bits[word].trailing_zeros()
    }

    fn place(&self, price: u64) -> u32 {
        (price - self.lowest) as u32
    }
}

impl Peer for Bare {
    fn apply(&mut self, order: Order) -> u64 {
        match order {
            Order::Add { id, side, price, mut quantity } => {
                let (is_buy, price) = (side == Side::Buy, self.place(price));
                let trades = self.take(is_buy, price, &mut quantity);
                if quantity > 0 {
                    self.link(id, is_buy, price, quantity);
                }
                trades
            }
            Order::Take { side, price, mut quantity, .. } => {
                self.take(side == Side::Buy, self.place(price), &mut quantity)
            }
            Order::Cancel { id } => {
                self.unlink(id);
                0
            }
            Order::Reduce { id, by, .. } => {
                self.nodes[id as usize].quantity -= by;
                0
            }
            Order::Reprice { id, side, price, .. } => {
                let (is_buy, price) = (side == Side::Buy, self.place(price));
                let mut quantity = self.nodes[id as usize].quantity;
                self.unlink(id);
                let trades = self.take(is_buy, price, &mut quantity);
                if quantity > 0 {
                    self.link(id, is_buy, price, quantity);
                }
                trades
            }
        }
    }
}
