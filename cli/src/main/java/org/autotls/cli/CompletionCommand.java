package org.autotls.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code autotls completion}: prints what a shell needs to complete commands and options. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Print a script that completes commands and options in your shell.",
        footer = {
            "",
            "Examples:",
            "  autotls completion bash > ~/.local/share/bash-completion/completions/autotls",
            "  source <(autotls completion zsh)"
        })
final class CompletionCommand implements Runnable {

    /** The shells that are known. */
    enum Shell {
        bash,
        zsh
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Override
    public void run() {
        CommandLine root = spec.root().commandLine();
        if (shell == Shell.zsh) {
            // zsh runs bash completions once its own are loaded.
            spec.commandLine().getOut().println("autoload -Uz compinit bashcompinit && compinit && bashcompinit");
        }
        spec.commandLine().getOut().print(AutoComplete.bash("autotls", root));
        spec.commandLine().getOut().flush();
    }
}
