// Command bowerbird is the visual discovery engine on the command line: it
// imports, trains, evaluates, serves, and shows a demo. Its --help tells the rest.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"bowerbird/engine"
	"bowerbird/load"
	"bowerbird/store"
)

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is the table of commands, one file each.
type cli struct {
	Data     string `help:"Data folder." placeholder:"DIR" type:"path" env:"BOWERBIRD_DATA_DIR"`
	JSON     bool   `help:"Print results as JSON." name:"json"`
	Quiet    bool   `help:"No progress, no remarks: results and errors only." short:"q"`
	LogLevel string `help:"How much is logged to standard error: debug, info, warn or error." enum:"debug,info,warn,error" default:"warn"`

	Demo    demoCmd    `cmd:"" help:"Make a small world, learn from it and show it in the browser."`
	Serve   serveCmd   `cmd:"" help:"Serve the page and the HTTP interface."`
	Import  importCmd  `cmd:"" help:"Import files: JSON Lines, CSV, Parquet, pictures, MovieLens, RecBole, S3-Rec."`
	Train   trainCmd   `cmd:"" help:"Learn from the log; the new model serves if it is no worse."`
	Eval    evalCmds   `cmd:"" help:"Measure feeds on held-out data, or search against judgments."`
	Explain explainCmd `cmd:"" help:"Say why an item stands where it stands on a page."`
	Report  reportCmd  `cmd:"" help:"Write a report for the owner: the graph."`
	Status  statusCmd  `cmd:"" help:"Count what there is."`
	Backup  backupCmd  `cmd:"" help:"Copy the data folder while nothing else uses it."`
	Restore restoreCmd `cmd:"" help:"Put a backup in place of the data folder."`
	Keys    keysCmd    `cmd:"" help:"Make, list and revoke API keys."`
	Bench   benchCmd   `cmd:"" help:"Measure ingest, serving, a large world, and the binary."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// app is what every command gets.
type app struct {
	ctx  context.Context
	cli  *cli
	out  io.Writer
	ui   *ui
	logs *slog.Logger
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() { // the second Ctrl-C ends the program at once
		<-ctx.Done()
		stop()
	}()
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

type exit int

// run is the program: arguments in, exit code out.
func run(ctx context.Context, args []string, out, errOut io.Writer) (code int) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case exit: // kong printed help
			code = int(p)
		default:
			panic(p)
		}
	}()
	c := new(cli)
	parser, err := kong.New(c,
		kong.Name("bowerbird"),
		kong.Description("A self-hosted visual discovery engine: events in, pages out."),
		kong.Writers(out, errOut),
		kong.Exit(func(n int) { panic(exit(n)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"version": version(), "formats": strings.Join(load.Formats(), ", "), "presets": presetNames(), "searchpresets": strings.Join(sortedKeys(searchPresets), ", "), "searchsystems": strings.Join(searchSystems, ", ")},
	)
	if err != nil {
		fmt.Fprintln(errOut, "bowerbird:", err)
		return exitFailed
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errOut, "bowerbird: %v\n", err)
		fmt.Fprintf(errOut, "Try: bowerbird %s\n", strings.TrimSpace(commandOf(err)+" --help"))
		return exitUsage
	}
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel))
	logs := slog.New(slog.NewTextHandler(errOut, &slog.HandlerOptions{Level: level}))
	a := &app{ctx: ctx, cli: c, out: out, ui: newUI(errOut, c.Quiet), logs: logs}
	err = k.Run(a)
	a.ui.done()
	return report(err, errOut)
}

func commandOf(err error) string {
	var p *kong.ParseError
	if errors.As(err, &p) && p.Context != nil {
		if n := p.Context.Selected(); n != nil {
			return strings.TrimSpace(strings.TrimPrefix(n.Path(), "bowerbird"))
		}
	}
	return ""
}

// usage is an error of the command line itself: exit code 2.
type usage struct{ error }

func usagef(format string, a ...any) error { return usage{fmt.Errorf(format, a...)} }

// report prints an error with what to do about it.
func report(err error, w io.Writer) int {
	var u usage
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &u):
		fmt.Fprintln(w, "bowerbird:", err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(w, "bowerbird: stopped")
	default:
		fmt.Fprintln(w, "bowerbird:", err)
		if hint := hintOf(err); hint != "" {
			fmt.Fprintln(w, hint)
		}
	}
	return exitFailed
}

func hintOf(err error) string {
	var unknown *engine.Unknown
	switch {
	case errors.Is(err, store.ErrLocked):
		return "Stop the other bowerbird, or choose another folder with --data."
	case errors.Is(err, store.ErrCorrupt):
		return "Restore a backup: bowerbird restore FROM -f"
	case errors.As(err, &unknown):
		return "Names are case-sensitive. See what there is with: bowerbird status"
	}
	return ""
}

// data is the data folder: --data, or the command's own default.
func (a *app) data(standard string) string {
	if a.cli.Data != "" {
		return a.cli.Data
	}
	return standard
}

const standardData = "bowerbird-data"

// open opens the engine on the data folder. Commands that only look must find one.
func (a *app) open(dir string, look bool, with ...func(*engine.Options)) (*engine.Engine, error) {
	if look {
		if _, err := os.Stat(store.Dir(dir).Log()); err != nil {
			return nil, fmt.Errorf("%s holds no data: name the folder with --data, or fill one with `bowerbird import PATH`", dir)
		}
	}
	o := engine.Options{
		Logger: a.logs, ReadOnly: look,
		Progress: func(what string, done, total uint64) { a.ui.step(what, int64(done), int64(total)) },
	}
	for _, f := range with {
		f(&o)
	}
	return engine.Open(a.ctx, dir, o)
}
