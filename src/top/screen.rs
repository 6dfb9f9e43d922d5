//! The terminal: a page at a time, looked at anew once an interval.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    style::{Modifier, Style},
    text::Line,
    widgets::Paragraph,
};

use super::{gather::Look, pages};

/// What the user has chosen.
#[derive(Debug, Default, PartialEq, Eq)]
struct Choice {
    page: usize,
    /// The column that rows are sorted by; none: as they come.
    sort: Option<usize>,
    /// The smallest first.
    up: bool,
    filter: String,
    /// What is typed goes to the filter.
    typing: bool,
    scroll: usize,
    paused: bool,
}

/// What a key asks for.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    GoOn,
    End,
}

impl Choice {
    /// Takes a key; the page that is shown has so many `columns`.
    fn take(&mut self, key: KeyEvent, columns: usize) -> Next {
        if key.modifiers.contains(KeyModifiers::CONTROL) {
            return if key.code == KeyCode::Char('c') { Next::End } else { Next::GoOn };
        }
        if self.typing {
            match key.code {
                KeyCode::Char(letter) => self.filter.push(letter),
                KeyCode::Backspace => {
                    self.filter.pop();
                }
                KeyCode::Esc => {
                    self.filter.clear();
                    self.typing = false;
                }
                KeyCode::Enter => self.typing = false,
                _ => {}
            }
            self.scroll = 0;
            return Next::GoOn;
        }
        let pages = pages::ALL.len();
        match key.code {
            KeyCode::Char('q') => return Next::End,
            KeyCode::Char(digit @ '1'..='9') => {
                if let Some(page) = digit.to_digit(10).map(|n| n as usize - 1).filter(|&page| page < pages) {
                    self.turn(page);
                }
            }
            KeyCode::Tab | KeyCode::Right => self.turn((self.page + 1) % pages),
            KeyCode::BackTab | KeyCode::Left => self.turn((self.page + pages - 1) % pages),
            KeyCode::Char('s') => {
                let next = self.sort.map_or(0, |column| column + 1);
                self.sort = (next < columns).then_some(next);
            }
            KeyCode::Char('r') => self.up = !self.up,
            KeyCode::Char('/') => self.typing = true,
            KeyCode::Esc => self.filter.clear(),
            KeyCode::Char('p') => self.paused = !self.paused,
            KeyCode::Down => self.scroll = self.scroll.saturating_add(1),
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::PageDown => self.scroll = self.scroll.saturating_add(20),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(20),
            KeyCode::Home => self.scroll = 0,
            _ => {}
        }
        Next::GoOn
    }

    fn turn(&mut self, page: usize) {
        *self = Choice {
            page,
            filter: std::mem::take(&mut self.filter),
            paused: self.paused,
            ..Choice::default()
        };
    }
}

/// Shows the venue on `data` until the user has seen enough. A venue that goes away is shown as it was, and looked for.
pub(super) fn watch(data: &Path, first: Look, interval: Duration) -> anyhow::Result<()> {
    let mut terminal = ratatui::try_init()?;
    let shown = show(data, first, interval, &mut terminal);
    ratatui::try_restore()?;
    shown
}

fn show(
    data: &Path,
    first: Look,
    interval: Duration,
    terminal: &mut ratatui::DefaultTerminal,
) -> anyhow::Result<()> {
    let mut choice = Choice::default();
    let (mut former, mut look) = (Look::default(), first);
    let mut due = Instant::now() + interval;
    loop {
        let mut columns = 0;
        terminal.draw(|frame| columns = draw(frame, &mut choice, &former, &look))?;
        if event::poll(due.saturating_duration_since(Instant::now()))? {
            if let Event::Key(key) = event::read()?
                && key.kind != KeyEventKind::Release
                && choice.take(key, columns) == Next::End
            {
                return Ok(());
            }
        } else {
            due = Instant::now() + interval;
            if !choice.paused {
                match Look::at(data) {
                    Ok(next) => former = std::mem::replace(&mut look, next),
                    Err(gone) => look.faults = vec![format!("{gone:#}")],
                }
            }
        }
    }
}

/// Draws what was chosen; how many columns the page has.
fn draw(frame: &mut Frame<'_>, choice: &mut Choice, former: &Look, look: &Look) -> usize {
    let page = &pages::ALL[choice.page];
    // Before the second look there are no rates.
    let before = if former.at == 0 { look } else { former };
    let mut table = (page.table)(before, look);
    let columns = table.head.len();
    if !choice.filter.is_empty() {
        table.filter(&choice.filter);
    }
    if let Some(column) = choice.sort {
        table.sort(column, !choice.up);
    }
    let summary = pages::summary(before, look);
    let lines = table.lines();
    let above = u16::try_from(summary.len()).unwrap_or(u16::MAX);
    let [top, tabs, head, body, foot] = Layout::vertical([
        Constraint::Length(above),
        Constraint::Length(2),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(summary.into_iter().map(Line::from).collect::<Vec<_>>()), top);
    let titles = pages::ALL.iter().enumerate().map(|(place, page)| {
        let name = format!("{} {}", place + 1, page.title);
        if place == choice.page { format!("[{name}]") } else { format!(" {name} ") }
    });
    frame.render_widget(Paragraph::new(format!("\n{}", titles.collect::<Vec<_>>().join(" "))), tabs);
    let (first, rows) =
        lines.split_first().map_or((String::new(), &[][..]), |(head, rows)| (head.clone(), rows));
    let bold = Style::default().add_modifier(Modifier::BOLD | Modifier::REVERSED);
    frame.render_widget(Paragraph::new(Line::styled(first, bold)), head);
    choice.scroll = choice.scroll.min(rows.len().saturating_sub(usize::from(body.height)));
    let shown = rows.iter().skip(choice.scroll).take(body.height.into());
    frame.render_widget(Paragraph::new(shown.cloned().map(Line::from).collect::<Vec<_>>()), body);
    let sorted = choice.sort.map_or_else(String::new, |column| {
        format!("  sorted by {}{}", table.head[column], if choice.up { ", smallest first" } else { "" })
    });
    let filter = match (choice.typing, choice.filter.as_str()) {
        (true, text) => format!("  /{text}_"),
        (false, "") => String::new(),
        (false, text) => format!("  with \"{text}\""),
    };
    let paused = if choice.paused { "  paused" } else { "" };
    let keys = format!("q end  Tab page  s sort  r turn  / filter  p pause{sorted}{filter}{paused}");
    frame.render_widget(Paragraph::new(keys), foot);
    columns
}

#[cfg(test)]
mod tests {
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::admin::session::View;

    fn press(choice: &mut Choice, keys: &[KeyCode]) -> Next {
        let mut next = Next::GoOn;
        for &code in keys {
            next = choice.take(KeyEvent::new(code, KeyModifiers::NONE), 11);
        }
        next
    }

    fn look() -> Look {
        let view = |name: &str, rate| View {
            comp_id: name.into(),
            state: "away".into(),
            rate_in: rate,
            ..View::default()
        };
        Look::made(1, Vec::new(), vec![view("MM1", 5), view("MM2", 7), view("BM1", 6)])
    }

    fn drawn(choice: &mut Choice) -> String {
        let mut terminal = Terminal::new(TestBackend::new(120, 12)).unwrap();
        let look = look();
        terminal
            .draw(|frame| {
                draw(frame, choice, &Look::default(), &look);
            })
            .unwrap();
        terminal.backend().to_string()
    }

    #[test]
    fn rows_are_sorted_and_filtered_as_keys_say() {
        let mut choice = Choice::default();
        let all = drawn(&mut choice);
        assert!(all.contains("[1 Sessions]") && all.contains("0 of 3 sessions logged on"), "{all}");
        // The seventh column is in/s, the greatest first.
        press(&mut choice, &[KeyCode::Char('s'); 7]);
        let sorted = drawn(&mut choice);
        let at = |name: &str| sorted.find(name).unwrap();
        assert!(at("MM2") < at("BM1") && at("BM1") < at("MM1"), "{sorted}");
        assert!(sorted.contains("sorted by in/s"), "{sorted}");
        press(&mut choice, &[KeyCode::Char('r'), KeyCode::Char('/'), KeyCode::Char('m'), KeyCode::Char('m')]);
        let filtered = drawn(&mut choice);
        assert!(filtered.contains("/mm_") && !filtered.contains("BM1"), "{filtered}");
        assert!(filtered.find("MM1").unwrap() < filtered.find("MM2").unwrap(), "{filtered}");
        press(&mut choice, &[KeyCode::Esc]);
        assert!(drawn(&mut choice).contains("BM1"));
    }

    #[test]
    fn pages_turn_both_ways_and_q_ends() {
        let mut choice = Choice::default();
        press(&mut choice, &[KeyCode::BackTab]);
        assert!(drawn(&mut choice).contains("[5 Instruments]"));
        press(&mut choice, &[KeyCode::Tab, KeyCode::Char('3')]);
        assert!(drawn(&mut choice).contains("[3 Rings]"));
        press(&mut choice, &[KeyCode::Char('9')]);
        assert_eq!(choice.page, 2);
        assert_eq!(press(&mut choice, &[KeyCode::Char('/'), KeyCode::Char('q')]), Next::GoOn);
        assert_eq!(press(&mut choice, &[KeyCode::Esc, KeyCode::Char('q')]), Next::End);
        let control = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert_eq!(choice.take(control, 1), Next::End);
    }

    #[test]
    fn it_scrolls_no_further_than_there_are_rows() {
        let mut choice = Choice::default();
        press(&mut choice, &[KeyCode::PageDown, KeyCode::PageDown]);
        drawn(&mut choice);
        assert_eq!(choice.scroll, 0, "all rows are shown");
    }
}
