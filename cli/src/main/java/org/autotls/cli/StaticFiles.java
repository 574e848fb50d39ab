package org.autotls.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.autotls.Text;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.content.HttpContent;
import org.eclipse.jetty.http.content.PreCompressedHttpContentFactory;
import org.eclipse.jetty.http.content.ResourceHttpContentFactory;
import org.eclipse.jetty.http.content.ValidatingCachingHttpContentFactory;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ResourceService;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ResourceHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's handler for files, where it serves what it should not, or answers other than RFC 9110 says.
 *
 * <p>What is neither a regular file nor a directory (a FIFO would hold its thread for ever) is not there, and neither is a
 * file that this user may not read. An {@code index.html} is judged as if it was asked for by its name. Safe for many
 * threads.
 */
final class StaticFiles extends ResourceHandler {

    private static final long CACHED_MILLIS = Duration.ofSeconds(1).toMillis();

    /** Whoever asks must not fill the log, nor the memory that keeps it from filling. */
    private static final int REPORTED = 100;

    private final Predicate<Path> readable;
    private final Set<Path> unreadable = ConcurrentHashMap.newKeySet();

    StaticFiles(Handler otherwise, Predicate<Path> readable) {
        super(otherwise);
        this.readable = readable;
    }

    @Override
    protected ResourceService newResourceService() {
        return new Service();
    }

    @Override
    protected HttpContent.Factory newHttpContentFactory(ByteBufferPool.Sized buffers) {
        // As Jetty has it, but for the first, and without the style sheet of its listings. Nor are files mapped: one
        // that
        // another program cuts short would fail in the middle of the JVM, not with an IOException.
        return new ValidatingCachingHttpContentFactory(
                new PreCompressedHttpContentFactory(new RegularFiles(buffers), getPrecompressedFormats()),
                CACHED_MILLIS,
                buffers);
    }

    @Override
    protected ResourceService.WelcomeFactory setupWelcomeFactory() {
        ResourceService.WelcomeFactory welcomes = super.setupWelcomeFactory();
        return (content, request) -> {
            String target = welcomes.getWelcomeTarget(content, request);
            return target == null || getResourceService().getContent(target, request) == null ? null : target;
        };
    }

    private final class RegularFiles extends ResourceHttpContentFactory {

        RegularFiles(ByteBufferPool.Sized buffers) {
            super(StaticFiles.this.getBaseResource(), getMimeTypes(), buffers);
        }

        @Override
        public @Nullable HttpContent getContent(String path) throws IOException {
            HttpContent content = super.getContent(path);
            return content == null || isServed(content.getResource()) ? content : null;
        }

        private boolean isServed(Resource resource) {
            Path file = resource.getPath();
            if (file == null || Files.isDirectory(file)) {
                return file != null;
            }
            if (!Files.isRegularFile(file)) {
                return false;
            }
            boolean served = readable.test(file);
            if (!served && unreadable.size() < REPORTED && unreadable.add(file)) {
                Logs.APP.warn(
                        "{} cannot be read by this user; clients get 404. Let it be read, or move it elsewhere",
                        Text.escape(file.toString()));
            }
            return served;
        }
    }

    /** The rules for conditions and ranges that Jetty 12.1.14 does not have. */
    private static final class Service extends ResourceService {

        private static final String BYTES = "bytes=";

        @Override
        public void doGet(Request request, Response response, Callback callback, HttpContent content) {
            HttpFields.Mutable headers = HttpFields.build(request.getHeaders());
            String range = headers.get(HttpHeader.RANGE);
            if (range != null && ignoresRange(request, range, content)) {
                headers.remove(HttpHeader.RANGE);
            } else if (range != null) {
                headers.put(HttpHeader.RANGE, BYTES + range.substring(BYTES.length()));
            }
            if ("*".equals(headers.get(HttpHeader.IF_MATCH))) { // §13.1.1: any version will do, and there is one
                headers.remove(HttpHeader.IF_MATCH);
            }
            super.doGet(new WithHeaders(request, headers.asImmutable()), response, callback, content);
        }

        /** RFC 9110 §14.2: for other methods, units nobody knows, and if what the client has a part of has changed. */
        private static boolean ignoresRange(Request request, String range, HttpContent content) {
            boolean inBytes = range.regionMatches(true, 0, BYTES, 0, BYTES.length()); // §14.1: in any case
            if (!HttpMethod.GET.is(request.getMethod()) || !inBytes) {
                return true;
            }
            String condition = request.getHeaders().get(HttpHeader.IF_RANGE);
            if (condition == null) {
                return false;
            }
            HttpField modified = content.getLastModified();
            boolean date = modified != null && condition.equals(modified.getValue());
            boolean tag =
                    condition.startsWith("\"") && condition.equals(content.getETagValue()); // §13.1.5: no weak one
            return !date && !tag;
        }

        @Override
        protected boolean handleConditionalHeaders(
                Request request, Response response, HttpContent content, Callback callback) throws IOException {
            if ("*".equals(request.getHeaders().get(HttpHeader.IF_NONE_MATCH))) { // §13.1.2: any version will do
                putNotModifiedHeaders(response, content);
                writeHttpError(request, response, callback, HttpStatus.NOT_MODIFIED_304);
                return true;
            }
            return super.handleConditionalHeaders(request, response, content, callback);
        }

        /** RFC 9110 §15.4.5: what the 200 would have said. */
        @Override
        protected void putNotModifiedHeaders(Response response, HttpContent content) {
            super.putNotModifiedHeaders(response, content);
            HttpFields.Mutable headers = response.getHeaders();
            if (content.getETag() != null) {
                headers.put(content.getETag());
            }
            if (content.getPreCompressedContentFormats() == null
                    || !content.getPreCompressedContentFormats().isEmpty()) {
                headers.put(HttpHeader.VARY, HttpHeader.ACCEPT_ENCODING.asString());
            }
            headers.put(HttpHeader.CONTENT_LENGTH, content.getContentLengthValue()); // else HTTP/2 would say 0
        }
    }

    private static final class WithHeaders extends Request.Wrapper {

        private final HttpFields headers;

        WithHeaders(Request wrapped, HttpFields headers) {
            super(wrapped);
            this.headers = headers;
        }

        @Override
        public HttpFields getHeaders() {
            return headers;
        }
    }
}
