package org.autotls.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import org.autotls.Text;
import org.eclipse.jetty.http.CompressedContentFormat;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.AllowedResourceAliasChecker;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;

/**
 * The files under one directory, as a handler: {@code index.html} for directories, never a listing; ETag, ranges, and {@code
 * name.br} or {@code name.gz} beside {@code name} for clients that take them.
 *
 * <p>Nothing outside the directory is served: {@code ..} is refused in every spelling, and so is a symbolic link whose target
 * lies outside. A name that begins with a dot ({@code .git}, {@code .env}) is not there, but for {@code /.well-known/} (RFC
 * 8615).
 */
final class StaticSite {

    private static final String WELL_KNOWN = ".well-known";

    /** A percent sign in a name is allowed: names are decoded once, and what comes out is the name of a file. */
    static final UriCompliance PATHS = UriCompliance.from(Set.of(UriCompliance.Violation.AMBIGUOUS_PATH_ENCODING));

    private StaticSite() {}

    /**
     * Makes the handler.
     *
     * @param root an existing directory
     * @return a handler that answers every request, with 404 or 405 if need be
     * @throws CommandFailure if {@code root} is not a directory that can be read
     */
    static Handler of(Path root) {
        return of(root, Files::isReadable);
    }

    /** As above; {@code readable} tells whether this user may read a file. */
    static Handler of(Path root, Predicate<Path> readable) {
        if (!Files.isDirectory(root)) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY, "--path " + Text.escape(root.toString()) + " is not a directory");
        }
        if (!Files.isReadable(root) || !Files.isExecutable(root)) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY, "--path " + Text.escape(root.toString()) + " cannot be read by this user");
        }
        ResourceHandler files = new StaticFiles(new NothingHere(), readable);
        files.setDirAllowed(false);
        files.setEtags(true);
        files.setAcceptRanges(true);
        files.setPrecompressedFormats(CompressedContentFormat.BR, CompressedContentFormat.GZIP);
        ContextHandler context = new ContextHandler(new HiddenNames(files), "/");
        context.setBaseResource(ResourceFactory.of(context).newResource(realPath(root)));
        context.clearAliasChecks();
        context.addAliasCheck(new AllowedResourceAliasChecker(context));
        return context;
    }

    private static Path realPath(Path root) {
        try {
            return root.toRealPath(); // ROOT itself may be a link; only links inside it are judged
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.DIRECTORY, "--path " + Text.escape(root.toString()) + " cannot be read", e);
        }
    }

    /** Hides every path that has a segment beginning with a dot. */
    private static final class HiddenNames extends Handler.Wrapper {

        HiddenNames(Handler handler) {
            super(handler);
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            if (isHidden(request.getHttpURI().getDecodedPath())) {
                Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
                return true;
            }
            return super.handle(request, response, callback);
        }

        private static boolean isHidden(String path) {
            for (String segment : path.split("/")) {
                if (segment.startsWith(".") && !segment.equals(WELL_KNOWN)) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Answers what is no file: 404, or 405 for a method that files do not have. */
    private static final class NothingHere extends Handler.Abstract {

        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            boolean reading = "GET".equals(request.getMethod()) || "HEAD".equals(request.getMethod());
            if (!reading) {
                response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            }
            int status = reading ? HttpStatus.NOT_FOUND_404 : HttpStatus.METHOD_NOT_ALLOWED_405;
            Response.writeError(request, response, callback, status);
            return true;
        }
    }
}
