// Package term turns the events of a build into what a person sees.
//
// On a terminal, what is finished scrolls up as plain lines and stays; below it
// lies a block that is drawn anew ten times a second: a line for each running
// node and a summary line. Off a terminal the same events are plain lines that a
// log file can hold, and with JSON they are objects for another program.
//
//	build.Event ──▶ board (what runs, what is counted) ──▶ entries, rows ──▶ screen ──▶ the terminal
//
// The board knows no terminal, the rows no escape sequence, and the screen no
// build. All text of events is cleaned on its way in: a script's titles and a
// compiler's output may hold anything.
package term
