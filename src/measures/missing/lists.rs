//! Ordered sets of missing data, each kept once: there are few, however many rows share them.

use std::collections::HashMap;

/// One missing thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Missing {
    /// A column, or the title of a source whose row is not on file.
    pub data: String,
    /// The year or day that a row was asked for.
    pub when: Option<String>,
    /// Who delivers it.
    pub department: String,
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.when {
            Some(when) => write!(f, "{}（{when}）", self.data),
            None => f.write_str(&self.data),
        }
    }
}

/// A list of missing data, by number.
pub type ListId = u32;

/// The list of nothing.
pub const EMPTY: ListId = 0;

/// All lists met so far.
pub struct Lists {
    items: Vec<Missing>,
    item_ids: HashMap<Missing, u32>,
    lists: Vec<Vec<u32>>,
    list_ids: HashMap<Vec<u32>, ListId>,
    unions: HashMap<(ListId, ListId), ListId>,
}

impl Default for Lists {
    fn default() -> Self {
        Lists {
            items: Vec::new(),
            item_ids: HashMap::new(),
            lists: vec![Vec::new()],
            list_ids: HashMap::from([(Vec::new(), EMPTY)]),
            unions: HashMap::new(),
        }
    }
}

impl Lists {
    /// The list of one thing.
    pub fn only(&mut self, item: Missing) -> ListId {
        let next = self.items.len() as u32;
        let id = *self.item_ids.entry(item.clone()).or_insert(next);
        if id == next {
            self.items.push(item);
        }
        self.keep(vec![id])
    }

    /// What `first` names, then what only `second` does.
    pub fn union(&mut self, first: ListId, second: ListId) -> ListId {
        if second == EMPTY || first == second {
            return first;
        }
        if first == EMPTY {
            return second;
        }
        if let Some(&known) = self.unions.get(&(first, second)) {
            return known;
        }
        let mut both = self.lists[first as usize].clone();
        for item in &self.lists[second as usize] {
            if !both.contains(item) {
                both.push(*item);
            }
        }
        let union = self.keep(both);
        self.unions.insert((first, second), union);
        union
    }

    fn keep(&mut self, list: Vec<u32>) -> ListId {
        let next = self.lists.len() as ListId;
        let id = *self.list_ids.entry(list.clone()).or_insert(next);
        if id == next {
            self.lists.push(list);
        }
        id
    }

    /// Every list, by its number.
    pub fn finish(self) -> Vec<Vec<Missing>> {
        let named = |list: &Vec<u32>| list.iter().map(|&item| self.items[item as usize].clone()).collect();
        self.lists.iter().map(named).collect()
    }
}
