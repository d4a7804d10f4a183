package dev.berth.console;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.function.Consumer;

/**
 * Passes what one connection reads on to another, buffer by buffer and without a copy. When the other takes no more,
 * this one is not read until it does. Sits in front of Vert.x in the connection's pipeline, since Vert.x's own pipes
 * copy each buffer twice, which is most of a relay's work; everything but data still reaches Vert.x.
 */
final class Pump extends ChannelInboundHandlerAdapter {
    /** Bytes that may wait for a slow reader before the other side is paused, each way. */
    static final int QUEUE_BYTES = 256 * 1024;

    /** Read at once at most, so fewer turns for each byte: what a relay costs is mostly the kernel's work. */
    private static final int READ_BYTES = 128 * 1024;

    private final Channel to;
    private final boolean framed;
    private final Consumer<ByteBuf> instead;

    /** @param instead takes what is read and releases it, instead of its being passed on; or null */
    private Pump(Channel to, boolean framed, Consumer<ByteBuf> instead) {
        this.to = to;
        this.framed = framed;
        this.instead = instead;
    }

    /** A connection of either kind and the channel under it, which Vert.x does not show everywhere. */
    record Wire(NetSocket socket, Channel channel) {
        /** An outgoing connection. */
        static Wire of(NetSocket socket) {
            return new Wire(socket, ((ConnectionBase) socket).channel());
        }

        /** What an HTTP connection became by an upgrade. */
        static Wire of(NetSocket socket, HttpConnection connection) {
            return new Wire(socket, channelOf(connection));
        }
    }

    /**
     * Joins a browser, whose data is in frames, and a screen, whose data is not. Both are read from now on.
     *
     * @param connection the one that the browser's WebSocket is on
     * @param instead takes what the browser sends and releases it, instead of its being passed on; or null
     */
    static void join(ServerWebSocket browser, HttpConnection connection, Wire screen, Consumer<ByteBuf> instead) {
        browser.setWriteQueueMaxSize(QUEUE_BYTES);
        screen.socket().setWriteQueueMaxSize(QUEUE_BYTES);
        // What came before goes the long way.
        browser.resume();
        screen.socket().handler(browser::write).resume();
        install(channelOf(connection), new Pump(screen.channel(), false, instead));
        install(screen.channel(), new Pump(channelOf(connection), true, null));
    }

    /** Joins two connections that carry data as it is. Both are read from now on. */
    static void join(Wire one, Wire other) {
        one.socket().setWriteQueueMaxSize(QUEUE_BYTES);
        other.socket().setWriteQueueMaxSize(QUEUE_BYTES);
        one.socket().handler(other.socket()::write).resume();
        other.socket().handler(one.socket()::write).resume();
        install(one.channel(), new Pump(other.channel(), false, null));
        install(other.channel(), new Pump(one.channel(), false, null));
    }

    private static Channel channelOf(HttpConnection connection) {
        return ((ConnectionBase) connection).channel();
    }

    private static void install(Channel from, Pump pump) {
        from.config().setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(64, 2_048, READ_BYTES));
        String vertx = from.pipeline().lastContext().name();
        from.pipeline().addBefore(vertx, "pump", pump);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (instead != null && message instanceof WebSocketFrame frame && isData(frame)) {
            instead.accept(frame.content());
        } else if (message instanceof ByteBuf bytes) {
            to.write(framed ? new BinaryWebSocketFrame(bytes) : bytes, to.voidPromise());
        } else if (message instanceof BinaryWebSocketFrame frame) {
            to.write(frame.content(), to.voidPromise());
        } else if (message instanceof ContinuationWebSocketFrame frame) {
            to.write(frame.content(), to.voidPromise());
        } else {
            context.fireChannelRead(message);
            return;
        }
        if (!to.isWritable()) {
            to.flush();
            if (!to.isWritable()) {
                context.channel().config().setAutoRead(false);
            }
        }
    }

    private static boolean isData(WebSocketFrame frame) {
        return frame instanceof BinaryWebSocketFrame || frame instanceof ContinuationWebSocketFrame;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        to.flush();
        context.fireChannelReadComplete();
    }

    /** Our own connection takes data again, so the other may be read again. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            to.config().setAutoRead(true);
        }
        context.fireChannelWritabilityChanged();
    }
}
