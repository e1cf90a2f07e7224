// Generated from schemas/proto by npm run generate. Do not edit.
import * as $protobuf from "protobufjs";

export namespace sluice {

    namespace v1 {

        enum Kind {
            none = 0,
            join = 1,
            leave = 2,
            offer = 3,
            answer = 4,
            candidate = 5,
            mute = 6,
            subscribe = 7,
            unsubscribe = 8,
            request = 9,
            cancel = 10,
            interrupt = 11,
            feature = 12,
            stats = 13,
            accessToken = 14,
            ping = 15,
            welcome = 16,
            joined = 17,
            participant = 18,
            ok = 19,
            error = 20,
            goaway = 21,
            pong = 22,
            attach = 32,
            ack = 33,
            batch = 34,
            accepted = 35,
            credit = 36,
            throttled = 37,
            advice = 38,
            caption = 64,
            moderation = 65,
            presence = 66,
            gauge = 67,
            agentTurn = 68,
            toolCall = 69,
            retrieval = 70,
            summary = 71,
            embedding = 72,
            modelState = 73,
            feedback = 74,
            snapshotWanted = 75,
            custom = 76
        }

        interface IFrame extends sluice.v1.Frame.$Properties {
        }

        class Frame {
            constructor(properties?: sluice.v1.Frame.$Properties);
            $unknowns?: Uint8Array[];
            kind: sluice.v1.Kind;
            final: boolean;
            from: string;
            node: string;
            ts: number;
            class: string;
            tenant: string;
            room: string;
            pub: number;
            seq: number;
            policyVersion: number;
            join?: (sluice.v1.Join.$Properties|null);
            leave?: (sluice.v1.Leave.$Properties|null);
            offer?: (sluice.v1.Description.$Properties|null);
            answer?: (sluice.v1.Description.$Properties|null);
            candidate?: (sluice.v1.Candidate.$Properties|null);
            mute?: (sluice.v1.Mute.$Properties|null);
            subscribe?: (sluice.v1.Subscription.$Properties|null);
            unsubscribe?: (sluice.v1.Subscription.$Properties|null);
            request?: (sluice.v1.Request.$Properties|null);
            cancel?: (sluice.v1.Cancel.$Properties|null);
            interrupt?: (sluice.v1.Interrupt.$Properties|null);
            feature?: (sluice.v1.Feature.$Properties|null);
            stats?: (sluice.v1.Stats.$Properties|null);
            accessToken?: (sluice.v1.AccessToken.$Properties|null);
            ping?: (sluice.v1.Ping.$Properties|null);
            welcome?: (sluice.v1.Welcome.$Properties|null);
            joined?: (sluice.v1.Joined.$Properties|null);
            participant?: (sluice.v1.Participant.$Properties|null);
            ok?: (sluice.v1.Ok.$Properties|null);
            error?: (sluice.v1.Error.$Properties|null);
            goaway?: (sluice.v1.Goaway.$Properties|null);
            pong?: (sluice.v1.Pong.$Properties|null);
            attach?: (sluice.v1.Attach.$Properties|null);
            ack?: (sluice.v1.Ack.$Properties|null);
            batch?: (sluice.v1.Batch.$Properties|null);
            accepted?: (sluice.v1.Accepted.$Properties|null);
            credit?: (sluice.v1.Credit.$Properties|null);
            throttled?: (sluice.v1.Throttled.$Properties|null);
            advice?: (sluice.v1.Advice.$Properties|null);
            caption?: (sluice.v1.Caption.$Properties|null);
            moderation?: (sluice.v1.Moderation.$Properties|null);
            presence?: (sluice.v1.KeyedValue.$Properties|null);
            gauge?: (sluice.v1.KeyedValue.$Properties|null);
            agentTurn?: (sluice.v1.AgentTurn.$Properties|null);
            toolCall?: (sluice.v1.ToolCall.$Properties|null);
            retrieval?: (sluice.v1.Retrieval.$Properties|null);
            summary?: (sluice.v1.ModelOutput.$Properties|null);
            embedding?: (sluice.v1.ModelOutput.$Properties|null);
            modelState?: (sluice.v1.ModelState.$Properties|null);
            feedback?: (sluice.v1.Feedback.$Properties|null);
            snapshotWanted?: (sluice.v1.SnapshotWanted.$Properties|null);
            custom?: (sluice.v1.Custom.$Properties|null);
            payload?: ("join"|"leave"|"offer"|"answer"|"candidate"|"mute"|"subscribe"|"unsubscribe"|"request"|"cancel"|"interrupt"|"feature"|"stats"|"accessToken"|"ping"|"welcome"|"joined"|"participant"|"ok"|"error"|"goaway"|"pong"|"attach"|"ack"|"batch"|"accepted"|"credit"|"throttled"|"advice"|"caption"|"moderation"|"presence"|"gauge"|"agentTurn"|"toolCall"|"retrieval"|"summary"|"embedding"|"modelState"|"feedback"|"snapshotWanted"|"custom");
            static create(properties: sluice.v1.Frame.$Shape): sluice.v1.Frame & sluice.v1.Frame.$Shape;
            static create(properties?: sluice.v1.Frame.$Properties): sluice.v1.Frame;
            static encode(message: sluice.v1.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Frame & sluice.v1.Frame.$Shape;
        }

        namespace Frame {
            interface $Properties {
                kind?: (sluice.v1.Kind|null);
                final?: (boolean|null);
                from?: (string|null);
                node?: (string|null);
                ts?: (number|null);
                "class"?: (string|null);
                tenant?: (string|null);
                room?: (string|null);
                pub?: (number|null);
                seq?: (number|null);
                policyVersion?: (number|null);
                join?: (sluice.v1.Join.$Properties|null);
                leave?: (sluice.v1.Leave.$Properties|null);
                offer?: (sluice.v1.Description.$Properties|null);
                answer?: (sluice.v1.Description.$Properties|null);
                candidate?: (sluice.v1.Candidate.$Properties|null);
                mute?: (sluice.v1.Mute.$Properties|null);
                subscribe?: (sluice.v1.Subscription.$Properties|null);
                unsubscribe?: (sluice.v1.Subscription.$Properties|null);
                request?: (sluice.v1.Request.$Properties|null);
                cancel?: (sluice.v1.Cancel.$Properties|null);
                interrupt?: (sluice.v1.Interrupt.$Properties|null);
                feature?: (sluice.v1.Feature.$Properties|null);
                stats?: (sluice.v1.Stats.$Properties|null);
                accessToken?: (sluice.v1.AccessToken.$Properties|null);
                ping?: (sluice.v1.Ping.$Properties|null);
                welcome?: (sluice.v1.Welcome.$Properties|null);
                joined?: (sluice.v1.Joined.$Properties|null);
                participant?: (sluice.v1.Participant.$Properties|null);
                ok?: (sluice.v1.Ok.$Properties|null);
                error?: (sluice.v1.Error.$Properties|null);
                goaway?: (sluice.v1.Goaway.$Properties|null);
                pong?: (sluice.v1.Pong.$Properties|null);
                attach?: (sluice.v1.Attach.$Properties|null);
                ack?: (sluice.v1.Ack.$Properties|null);
                batch?: (sluice.v1.Batch.$Properties|null);
                accepted?: (sluice.v1.Accepted.$Properties|null);
                credit?: (sluice.v1.Credit.$Properties|null);
                throttled?: (sluice.v1.Throttled.$Properties|null);
                advice?: (sluice.v1.Advice.$Properties|null);
                caption?: (sluice.v1.Caption.$Properties|null);
                moderation?: (sluice.v1.Moderation.$Properties|null);
                presence?: (sluice.v1.KeyedValue.$Properties|null);
                gauge?: (sluice.v1.KeyedValue.$Properties|null);
                agentTurn?: (sluice.v1.AgentTurn.$Properties|null);
                toolCall?: (sluice.v1.ToolCall.$Properties|null);
                retrieval?: (sluice.v1.Retrieval.$Properties|null);
                summary?: (sluice.v1.ModelOutput.$Properties|null);
                embedding?: (sluice.v1.ModelOutput.$Properties|null);
                modelState?: (sluice.v1.ModelState.$Properties|null);
                feedback?: (sluice.v1.Feedback.$Properties|null);
                snapshotWanted?: (sluice.v1.SnapshotWanted.$Properties|null);
                custom?: (sluice.v1.Custom.$Properties|null);
                payload?: ("join"|"leave"|"offer"|"answer"|"candidate"|"mute"|"subscribe"|"unsubscribe"|"request"|"cancel"|"interrupt"|"feature"|"stats"|"accessToken"|"ping"|"welcome"|"joined"|"participant"|"ok"|"error"|"goaway"|"pong"|"attach"|"ack"|"batch"|"accepted"|"credit"|"throttled"|"advice"|"caption"|"moderation"|"presence"|"gauge"|"agentTurn"|"toolCall"|"retrieval"|"summary"|"embedding"|"modelState"|"feedback"|"snapshotWanted"|"custom");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              kind?: sluice.v1.Kind|null;
              final?: boolean|null;
              from?: string|null;
              node?: string|null;
              ts?: number|null;
              "class"?: string|null;
              tenant?: string|null;
              room?: string|null;
              pub?: number|null;
              seq?: number|null;
              policyVersion?: number|null;
              join?: sluice.v1.Join.$Shape|null;
              leave?: sluice.v1.Leave.$Shape|null;
              offer?: sluice.v1.Description.$Shape|null;
              answer?: sluice.v1.Description.$Shape|null;
              candidate?: sluice.v1.Candidate.$Shape|null;
              mute?: sluice.v1.Mute.$Shape|null;
              subscribe?: sluice.v1.Subscription.$Shape|null;
              unsubscribe?: sluice.v1.Subscription.$Shape|null;
              request?: sluice.v1.Request.$Shape|null;
              cancel?: sluice.v1.Cancel.$Shape|null;
              interrupt?: sluice.v1.Interrupt.$Shape|null;
              feature?: sluice.v1.Feature.$Shape|null;
              stats?: sluice.v1.Stats.$Shape|null;
              accessToken?: sluice.v1.AccessToken.$Shape|null;
              ping?: sluice.v1.Ping.$Shape|null;
              welcome?: sluice.v1.Welcome.$Shape|null;
              joined?: sluice.v1.Joined.$Shape|null;
              participant?: sluice.v1.Participant.$Shape|null;
              ok?: sluice.v1.Ok.$Shape|null;
              error?: sluice.v1.Error.$Shape|null;
              goaway?: sluice.v1.Goaway.$Shape|null;
              pong?: sluice.v1.Pong.$Shape|null;
              attach?: sluice.v1.Attach.$Shape|null;
              ack?: sluice.v1.Ack.$Shape|null;
              batch?: sluice.v1.Batch.$Shape|null;
              accepted?: sluice.v1.Accepted.$Shape|null;
              credit?: sluice.v1.Credit.$Shape|null;
              throttled?: sluice.v1.Throttled.$Shape|null;
              advice?: sluice.v1.Advice.$Shape|null;
              caption?: sluice.v1.Caption.$Shape|null;
              moderation?: sluice.v1.Moderation.$Shape|null;
              presence?: sluice.v1.KeyedValue.$Shape|null;
              gauge?: sluice.v1.KeyedValue.$Shape|null;
              agentTurn?: sluice.v1.AgentTurn.$Shape|null;
              toolCall?: sluice.v1.ToolCall.$Shape|null;
              retrieval?: sluice.v1.Retrieval.$Shape|null;
              summary?: sluice.v1.ModelOutput.$Shape|null;
              embedding?: sluice.v1.ModelOutput.$Shape|null;
              modelState?: sluice.v1.ModelState.$Shape|null;
              feedback?: sluice.v1.Feedback.$Shape|null;
              snapshotWanted?: sluice.v1.SnapshotWanted.$Shape|null;
              custom?: sluice.v1.Custom.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ payload?: undefined; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "join"; join: sluice.v1.Join.$Shape; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "leave"; join?: null; leave: sluice.v1.Leave.$Shape; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "offer"; join?: null; leave?: null; offer: sluice.v1.Description.$Shape; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "answer"; join?: null; leave?: null; offer?: null; answer: sluice.v1.Description.$Shape; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "candidate"; join?: null; leave?: null; offer?: null; answer?: null; candidate: sluice.v1.Candidate.$Shape; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "mute"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute: sluice.v1.Mute.$Shape; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "subscribe"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe: sluice.v1.Subscription.$Shape; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "unsubscribe"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe: sluice.v1.Subscription.$Shape; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "request"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request: sluice.v1.Request.$Shape; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "cancel"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel: sluice.v1.Cancel.$Shape; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "interrupt"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt: sluice.v1.Interrupt.$Shape; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "feature"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature: sluice.v1.Feature.$Shape; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "stats"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats: sluice.v1.Stats.$Shape; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "accessToken"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken: sluice.v1.AccessToken.$Shape; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "ping"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping: sluice.v1.Ping.$Shape; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "welcome"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome: sluice.v1.Welcome.$Shape; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "joined"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined: sluice.v1.Joined.$Shape; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "participant"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant: sluice.v1.Participant.$Shape; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "ok"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok: sluice.v1.Ok.$Shape; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "error"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error: sluice.v1.Error.$Shape; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "goaway"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway: sluice.v1.Goaway.$Shape; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "pong"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong: sluice.v1.Pong.$Shape; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "attach"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach: sluice.v1.Attach.$Shape; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "ack"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack: sluice.v1.Ack.$Shape; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "batch"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch: sluice.v1.Batch.$Shape; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "accepted"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted: sluice.v1.Accepted.$Shape; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "credit"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit: sluice.v1.Credit.$Shape; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "throttled"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled: sluice.v1.Throttled.$Shape; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "advice"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice: sluice.v1.Advice.$Shape; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "caption"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption: sluice.v1.Caption.$Shape; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "moderation"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation: sluice.v1.Moderation.$Shape; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "presence"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence: sluice.v1.KeyedValue.$Shape; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "gauge"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge: sluice.v1.KeyedValue.$Shape; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "agentTurn"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn: sluice.v1.AgentTurn.$Shape; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "toolCall"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall: sluice.v1.ToolCall.$Shape; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "retrieval"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval: sluice.v1.Retrieval.$Shape; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "summary"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary: sluice.v1.ModelOutput.$Shape; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "embedding"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding: sluice.v1.ModelOutput.$Shape; modelState?: null; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "modelState"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState: sluice.v1.ModelState.$Shape; feedback?: null; snapshotWanted?: null; custom?: null }|{ payload?: "feedback"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback: sluice.v1.Feedback.$Shape; snapshotWanted?: null; custom?: null }|{ payload?: "snapshotWanted"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted: sluice.v1.SnapshotWanted.$Shape; custom?: null }|{ payload?: "custom"; join?: null; leave?: null; offer?: null; answer?: null; candidate?: null; mute?: null; subscribe?: null; unsubscribe?: null; request?: null; cancel?: null; interrupt?: null; feature?: null; stats?: null; accessToken?: null; ping?: null; welcome?: null; joined?: null; participant?: null; ok?: null; error?: null; goaway?: null; pong?: null; attach?: null; ack?: null; batch?: null; accepted?: null; credit?: null; throttled?: null; advice?: null; caption?: null; moderation?: null; presence?: null; gauge?: null; agentTurn?: null; toolCall?: null; retrieval?: null; summary?: null; embedding?: null; modelState?: null; feedback?: null; snapshotWanted?: null; custom: sluice.v1.Custom.$Shape })
            );
        }

        interface IJoin extends sluice.v1.Join.$Properties {
        }

        class Join {
            constructor(properties?: sluice.v1.Join.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            room: string;
            name: string;
            capabilities: string[];
            resume?: (sluice.v1.Resume.$Properties|null);
            static create(properties: sluice.v1.Join.$Shape): sluice.v1.Join & sluice.v1.Join.$Shape;
            static create(properties?: sluice.v1.Join.$Properties): sluice.v1.Join;
            static encode(message: sluice.v1.Join.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Join & sluice.v1.Join.$Shape;
        }

        namespace Join {
            interface $Properties {
                id?: (number|null);
                room?: (string|null);
                name?: (string|null);
                capabilities?: (string[]|null);
                resume?: (sluice.v1.Resume.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Join.$Properties;
        }

        interface IResume extends sluice.v1.Resume.$Properties {
        }

        class Resume {
            constructor(properties?: sluice.v1.Resume.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            resumeToken: string;
            lastSeq: number;
            static create(properties: sluice.v1.Resume.$Shape): sluice.v1.Resume & sluice.v1.Resume.$Shape;
            static create(properties?: sluice.v1.Resume.$Properties): sluice.v1.Resume;
            static encode(message: sluice.v1.Resume.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Resume & sluice.v1.Resume.$Shape;
        }

        namespace Resume {
            interface $Properties {
                session?: (string|null);
                resumeToken?: (string|null);
                lastSeq?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Resume.$Properties;
        }

        interface ILeave extends sluice.v1.Leave.$Properties {
        }

        class Leave {
            constructor(properties?: sluice.v1.Leave.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            static create(properties: sluice.v1.Leave.$Shape): sluice.v1.Leave & sluice.v1.Leave.$Shape;
            static create(properties?: sluice.v1.Leave.$Properties): sluice.v1.Leave;
            static encode(message: sluice.v1.Leave.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Leave & sluice.v1.Leave.$Shape;
        }

        namespace Leave {
            interface $Properties {
                id?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Leave.$Properties;
        }

        interface IDescription extends sluice.v1.Description.$Properties {
        }

        class Description {
            constructor(properties?: sluice.v1.Description.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            connection: string;
            offerId: string;
            sdp: string;
            static create(properties: sluice.v1.Description.$Shape): sluice.v1.Description & sluice.v1.Description.$Shape;
            static create(properties?: sluice.v1.Description.$Properties): sluice.v1.Description;
            static encode(message: sluice.v1.Description.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Description & sluice.v1.Description.$Shape;
        }

        namespace Description {
            interface $Properties {
                id?: (number|null);
                connection?: (string|null);
                offerId?: (string|null);
                sdp?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Description.$Properties;
        }

        interface ICandidate extends sluice.v1.Candidate.$Properties {
        }

        class Candidate {
            constructor(properties?: sluice.v1.Candidate.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            connection: string;
            candidate: string;
            sdpMid: string;
            sdpMLineIndex?: (number|null);
            static create(properties: sluice.v1.Candidate.$Shape): sluice.v1.Candidate & sluice.v1.Candidate.$Shape;
            static create(properties?: sluice.v1.Candidate.$Properties): sluice.v1.Candidate;
            static encode(message: sluice.v1.Candidate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Candidate & sluice.v1.Candidate.$Shape;
        }

        namespace Candidate {
            interface $Properties {
                id?: (number|null);
                connection?: (string|null);
                candidate?: (string|null);
                sdpMid?: (string|null);
                sdpMLineIndex?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Candidate.$Properties;
        }

        interface IMute extends sluice.v1.Mute.$Properties {
        }

        class Mute {
            constructor(properties?: sluice.v1.Mute.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            track: string;
            muted: boolean;
            static create(properties: sluice.v1.Mute.$Shape): sluice.v1.Mute & sluice.v1.Mute.$Shape;
            static create(properties?: sluice.v1.Mute.$Properties): sluice.v1.Mute;
            static encode(message: sluice.v1.Mute.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Mute & sluice.v1.Mute.$Shape;
        }

        namespace Mute {
            interface $Properties {
                id?: (number|null);
                track?: (string|null);
                muted?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Mute.$Properties;
        }

        interface ISubscription extends sluice.v1.Subscription.$Properties {
        }

        class Subscription {
            constructor(properties?: sluice.v1.Subscription.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            kinds: sluice.v1.Kind[];
            speakers: string[];
            langs: string[];
            focus: string[];
            static create(properties: sluice.v1.Subscription.$Shape): sluice.v1.Subscription & sluice.v1.Subscription.$Shape;
            static create(properties?: sluice.v1.Subscription.$Properties): sluice.v1.Subscription;
            static encode(message: sluice.v1.Subscription.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Subscription & sluice.v1.Subscription.$Shape;
        }

        namespace Subscription {
            interface $Properties {
                id?: (number|null);
                kinds?: (sluice.v1.Kind[]|null);
                speakers?: (string[]|null);
                langs?: (string[]|null);
                focus?: (string[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Subscription.$Properties;
        }

        interface IRequest extends sluice.v1.Request.$Properties {
        }

        class Request {
            constructor(properties?: sluice.v1.Request.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            feature: string;
            workflow: string;
            payload: Uint8Array;
            deadlineMs: number;
            static create(properties: sluice.v1.Request.$Shape): sluice.v1.Request & sluice.v1.Request.$Shape;
            static create(properties?: sluice.v1.Request.$Properties): sluice.v1.Request;
            static encode(message: sluice.v1.Request.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Request & sluice.v1.Request.$Shape;
        }

        namespace Request {
            interface $Properties {
                id?: (number|null);
                feature?: (string|null);
                workflow?: (string|null);
                payload?: (Uint8Array|null);
                deadlineMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Request.$Properties;
        }

        interface ICancel extends sluice.v1.Cancel.$Properties {
        }

        class Cancel {
            constructor(properties?: sluice.v1.Cancel.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            request: number;
            static create(properties: sluice.v1.Cancel.$Shape): sluice.v1.Cancel & sluice.v1.Cancel.$Shape;
            static create(properties?: sluice.v1.Cancel.$Properties): sluice.v1.Cancel;
            static encode(message: sluice.v1.Cancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Cancel & sluice.v1.Cancel.$Shape;
        }

        namespace Cancel {
            interface $Properties {
                id?: (number|null);
                request?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Cancel.$Properties;
        }

        interface IInterrupt extends sluice.v1.Interrupt.$Properties {
        }

        class Interrupt {
            constructor(properties?: sluice.v1.Interrupt.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            turn: string;
            static create(properties: sluice.v1.Interrupt.$Shape): sluice.v1.Interrupt & sluice.v1.Interrupt.$Shape;
            static create(properties?: sluice.v1.Interrupt.$Properties): sluice.v1.Interrupt;
            static encode(message: sluice.v1.Interrupt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Interrupt & sluice.v1.Interrupt.$Shape;
        }

        namespace Interrupt {
            interface $Properties {
                id?: (number|null);
                turn?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Interrupt.$Properties;
        }

        interface IFeature extends sluice.v1.Feature.$Properties {
        }

        class Feature {
            constructor(properties?: sluice.v1.Feature.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            name: string;
            on: boolean;
            static create(properties: sluice.v1.Feature.$Shape): sluice.v1.Feature & sluice.v1.Feature.$Shape;
            static create(properties?: sluice.v1.Feature.$Properties): sluice.v1.Feature;
            static encode(message: sluice.v1.Feature.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Feature & sluice.v1.Feature.$Shape;
        }

        namespace Feature {
            interface $Properties {
                id?: (number|null);
                name?: (string|null);
                on?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Feature.$Properties;
        }

        interface IStats extends sluice.v1.Stats.$Properties {
        }

        class Stats {
            constructor(properties?: sluice.v1.Stats.$Properties);
            $unknowns?: Uint8Array[];
            rttMs?: (number|null);
            jitterMs?: (number|null);
            lossRatio?: (number|null);
            framesDropped?: (number|null);
            connectMs?: (number|null);
            firstMediaMs?: (number|null);
            static create(properties: sluice.v1.Stats.$Shape): sluice.v1.Stats & sluice.v1.Stats.$Shape;
            static create(properties?: sluice.v1.Stats.$Properties): sluice.v1.Stats;
            static encode(message: sluice.v1.Stats.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Stats & sluice.v1.Stats.$Shape;
        }

        namespace Stats {
            interface $Properties {
                rttMs?: (number|null);
                jitterMs?: (number|null);
                lossRatio?: (number|null);
                framesDropped?: (number|null);
                connectMs?: (number|null);
                firstMediaMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Stats.$Properties;
        }

        interface IAccessToken extends sluice.v1.AccessToken.$Properties {
        }

        class AccessToken {
            constructor(properties?: sluice.v1.AccessToken.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            jwt: string;
            static create(properties: sluice.v1.AccessToken.$Shape): sluice.v1.AccessToken & sluice.v1.AccessToken.$Shape;
            static create(properties?: sluice.v1.AccessToken.$Properties): sluice.v1.AccessToken;
            static encode(message: sluice.v1.AccessToken.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.AccessToken & sluice.v1.AccessToken.$Shape;
        }

        namespace AccessToken {
            interface $Properties {
                id?: (number|null);
                jwt?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.AccessToken.$Properties;
        }

        interface IPing extends sluice.v1.Ping.$Properties {
        }

        class Ping {
            constructor(properties?: sluice.v1.Ping.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            sentMs: number;
            static create(properties: sluice.v1.Ping.$Shape): sluice.v1.Ping & sluice.v1.Ping.$Shape;
            static create(properties?: sluice.v1.Ping.$Properties): sluice.v1.Ping;
            static encode(message: sluice.v1.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Ping & sluice.v1.Ping.$Shape;
        }

        namespace Ping {
            interface $Properties {
                id?: (number|null);
                sentMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Ping.$Properties;
        }

        interface IPong extends sluice.v1.Pong.$Properties {
        }

        class Pong {
            constructor(properties?: sluice.v1.Pong.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            sentMs: number;
            static create(properties: sluice.v1.Pong.$Shape): sluice.v1.Pong & sluice.v1.Pong.$Shape;
            static create(properties?: sluice.v1.Pong.$Properties): sluice.v1.Pong;
            static encode(message: sluice.v1.Pong.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Pong & sluice.v1.Pong.$Shape;
        }

        namespace Pong {
            interface $Properties {
                id?: (number|null);
                sentMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Pong.$Properties;
        }

        interface IWelcome extends sluice.v1.Welcome.$Properties {
        }

        class Welcome {
            constructor(properties?: sluice.v1.Welcome.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            resumeToken: string;
            heartbeatMs: number;
            iceServers: sluice.v1.IceServer.$Properties[];
            alternatives: string[];
            policyVersion: number;
            credits: { [k: string]: number };
            classes: { [k: string]: string };
            static create(properties: sluice.v1.Welcome.$Shape): sluice.v1.Welcome & sluice.v1.Welcome.$Shape;
            static create(properties?: sluice.v1.Welcome.$Properties): sluice.v1.Welcome;
            static encode(message: sluice.v1.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Welcome & sluice.v1.Welcome.$Shape;
        }

        namespace Welcome {
            interface $Properties {
                session?: (string|null);
                resumeToken?: (string|null);
                heartbeatMs?: (number|null);
                iceServers?: (sluice.v1.IceServer.$Properties[]|null);
                alternatives?: (string[]|null);
                policyVersion?: (number|null);
                credits?: ({ [k: string]: number }|null);
                classes?: ({ [k: string]: string }|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Welcome.$Properties;
        }

        interface IIceServer extends sluice.v1.IceServer.$Properties {
        }

        class IceServer {
            constructor(properties?: sluice.v1.IceServer.$Properties);
            $unknowns?: Uint8Array[];
            urls: string[];
            username: string;
            credential: string;
            static create(properties: sluice.v1.IceServer.$Shape): sluice.v1.IceServer & sluice.v1.IceServer.$Shape;
            static create(properties?: sluice.v1.IceServer.$Properties): sluice.v1.IceServer;
            static encode(message: sluice.v1.IceServer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.IceServer & sluice.v1.IceServer.$Shape;
        }

        namespace IceServer {
            interface $Properties {
                urls?: (string[]|null);
                username?: (string|null);
                credential?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.IceServer.$Properties;
        }

        interface IJoined extends sluice.v1.Joined.$Properties {
        }

        class Joined {
            constructor(properties?: sluice.v1.Joined.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            room: string;
            participants: sluice.v1.Participant.$Properties[];
            metadataUrl: string;
            budgets: { [k: string]: sluice.v1.Budget.$Properties };
            features: { [k: string]: boolean };
            session: string;
            resumeToken: string;
            resumed: boolean;
            classes: { [k: string]: string };
            static create(properties: sluice.v1.Joined.$Shape): sluice.v1.Joined & sluice.v1.Joined.$Shape;
            static create(properties?: sluice.v1.Joined.$Properties): sluice.v1.Joined;
            static encode(message: sluice.v1.Joined.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Joined & sluice.v1.Joined.$Shape;
        }

        namespace Joined {
            interface $Properties {
                id?: (number|null);
                room?: (string|null);
                participants?: (sluice.v1.Participant.$Properties[]|null);
                metadataUrl?: (string|null);
                budgets?: ({ [k: string]: sluice.v1.Budget.$Properties }|null);
                features?: ({ [k: string]: boolean }|null);
                session?: (string|null);
                resumeToken?: (string|null);
                resumed?: (boolean|null);
                classes?: ({ [k: string]: string }|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Joined.$Properties;
        }

        interface IBudget extends sluice.v1.Budget.$Properties {
        }

        class Budget {
            constructor(properties?: sluice.v1.Budget.$Properties);
            $unknowns?: Uint8Array[];
            ratePerSecond: number;
            burst: number;
            static create(properties: sluice.v1.Budget.$Shape): sluice.v1.Budget & sluice.v1.Budget.$Shape;
            static create(properties?: sluice.v1.Budget.$Properties): sluice.v1.Budget;
            static encode(message: sluice.v1.Budget.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Budget & sluice.v1.Budget.$Shape;
        }

        namespace Budget {
            interface $Properties {
                ratePerSecond?: (number|null);
                burst?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Budget.$Properties;
        }

        interface IParticipant extends sluice.v1.Participant.$Properties {
        }

        class Participant {
            constructor(properties?: sluice.v1.Participant.$Properties);
            $unknowns?: Uint8Array[];
            identity: string;
            state: sluice.v1.Participant.State;
            name: string;
            kind: string;
            static create(properties: sluice.v1.Participant.$Shape): sluice.v1.Participant & sluice.v1.Participant.$Shape;
            static create(properties?: sluice.v1.Participant.$Properties): sluice.v1.Participant;
            static encode(message: sluice.v1.Participant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Participant & sluice.v1.Participant.$Shape;
        }

        namespace Participant {
            interface $Properties {
                identity?: (string|null);
                state?: (sluice.v1.Participant.State|null);
                name?: (string|null);
                kind?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Participant.$Properties;

            enum State {
                joined = 0,
                away = 1,
                left = 2
            }
        }

        interface IOk extends sluice.v1.Ok.$Properties {
        }

        class Ok {
            constructor(properties?: sluice.v1.Ok.$Properties);
            $unknowns?: Uint8Array[];
            id: number;
            static create(properties: sluice.v1.Ok.$Shape): sluice.v1.Ok & sluice.v1.Ok.$Shape;
            static create(properties?: sluice.v1.Ok.$Properties): sluice.v1.Ok;
            static encode(message: sluice.v1.Ok.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Ok & sluice.v1.Ok.$Shape;
        }

        namespace Ok {
            interface $Properties {
                id?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Ok.$Properties;
        }

        interface IError extends sluice.v1.Error.$Properties {
        }

        class Error {
            constructor(properties?: sluice.v1.Error.$Properties);
            $unknowns?: Uint8Array[];
            id?: (number|null);
            code: number;
            reason: string;
            message: string;
            retryAfterMs?: (number|null);
            static create(properties: sluice.v1.Error.$Shape): sluice.v1.Error & sluice.v1.Error.$Shape;
            static create(properties?: sluice.v1.Error.$Properties): sluice.v1.Error;
            static encode(message: sluice.v1.Error.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Error & sluice.v1.Error.$Shape;
        }

        namespace Error {
            interface $Properties {
                id?: (number|null);
                code?: (number|null);
                reason?: (string|null);
                message?: (string|null);
                retryAfterMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Error.$Properties;
        }

        interface IGoaway extends sluice.v1.Goaway.$Properties {
        }

        class Goaway {
            constructor(properties?: sluice.v1.Goaway.$Properties);
            $unknowns?: Uint8Array[];
            reconnectAfterMs: number;
            reason: string;
            url: string;
            metadataUrl: string;
            static create(properties: sluice.v1.Goaway.$Shape): sluice.v1.Goaway & sluice.v1.Goaway.$Shape;
            static create(properties?: sluice.v1.Goaway.$Properties): sluice.v1.Goaway;
            static encode(message: sluice.v1.Goaway.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Goaway & sluice.v1.Goaway.$Shape;
        }

        namespace Goaway {
            interface $Properties {
                reconnectAfterMs?: (number|null);
                reason?: (string|null);
                url?: (string|null);
                metadataUrl?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Goaway.$Properties;
        }

        interface IAttach extends sluice.v1.Attach.$Properties {
        }

        class Attach {
            constructor(properties?: sluice.v1.Attach.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            resumeToken: string;
            lastNumber: number;
            static create(properties: sluice.v1.Attach.$Shape): sluice.v1.Attach & sluice.v1.Attach.$Shape;
            static create(properties?: sluice.v1.Attach.$Properties): sluice.v1.Attach;
            static encode(message: sluice.v1.Attach.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Attach & sluice.v1.Attach.$Shape;
        }

        namespace Attach {
            interface $Properties {
                session?: (string|null);
                resumeToken?: (string|null);
                lastNumber?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Attach.$Properties;
        }

        interface IAck extends sluice.v1.Ack.$Properties {
        }

        class Ack {
            constructor(properties?: sluice.v1.Ack.$Properties);
            $unknowns?: Uint8Array[];
            upTo: number;
            static create(properties: sluice.v1.Ack.$Shape): sluice.v1.Ack & sluice.v1.Ack.$Shape;
            static create(properties?: sluice.v1.Ack.$Properties): sluice.v1.Ack;
            static encode(message: sluice.v1.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Ack & sluice.v1.Ack.$Shape;
        }

        namespace Ack {
            interface $Properties {
                upTo?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Ack.$Properties;
        }

        interface IBatch extends sluice.v1.Batch.$Properties {
        }

        class Batch {
            constructor(properties?: sluice.v1.Batch.$Properties);
            $unknowns?: Uint8Array[];
            number: number;
            frames: sluice.v1.Frame.$Properties[];
            static create(properties: sluice.v1.Batch.$Shape): sluice.v1.Batch & sluice.v1.Batch.$Shape;
            static create(properties?: sluice.v1.Batch.$Properties): sluice.v1.Batch;
            static encode(message: sluice.v1.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Batch & sluice.v1.Batch.$Shape;
        }

        namespace Batch {
            interface $Properties {
                number?: (number|null);
                frames?: (sluice.v1.Frame.$Properties[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              number?: number|null;
              frames?: sluice.v1.Frame.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        interface IAccepted extends sluice.v1.Accepted.$Properties {
        }

        class Accepted {
            constructor(properties?: sluice.v1.Accepted.$Properties);
            $unknowns?: Uint8Array[];
            upTo: number;
            static create(properties: sluice.v1.Accepted.$Shape): sluice.v1.Accepted & sluice.v1.Accepted.$Shape;
            static create(properties?: sluice.v1.Accepted.$Properties): sluice.v1.Accepted;
            static encode(message: sluice.v1.Accepted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Accepted & sluice.v1.Accepted.$Shape;
        }

        namespace Accepted {
            interface $Properties {
                upTo?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Accepted.$Properties;
        }

        interface ICredit extends sluice.v1.Credit.$Properties {
        }

        class Credit {
            constructor(properties?: sluice.v1.Credit.$Properties);
            $unknowns?: Uint8Array[];
            class: string;
            frames: number;
            static create(properties: sluice.v1.Credit.$Shape): sluice.v1.Credit & sluice.v1.Credit.$Shape;
            static create(properties?: sluice.v1.Credit.$Properties): sluice.v1.Credit;
            static encode(message: sluice.v1.Credit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Credit & sluice.v1.Credit.$Shape;
        }

        namespace Credit {
            interface $Properties {
                "class"?: (string|null);
                frames?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Credit.$Properties;
        }

        interface IThrottled extends sluice.v1.Throttled.$Properties {
        }

        class Throttled {
            constructor(properties?: sluice.v1.Throttled.$Properties);
            $unknowns?: Uint8Array[];
            class: string;
            dropped: number;
            retryAfterMs: number;
            message: string;
            static create(properties: sluice.v1.Throttled.$Shape): sluice.v1.Throttled & sluice.v1.Throttled.$Shape;
            static create(properties?: sluice.v1.Throttled.$Properties): sluice.v1.Throttled;
            static encode(message: sluice.v1.Throttled.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Throttled & sluice.v1.Throttled.$Shape;
        }

        namespace Throttled {
            interface $Properties {
                "class"?: (string|null);
                dropped?: (number|null);
                retryAfterMs?: (number|null);
                message?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Throttled.$Properties;
        }

        interface IAdvice extends sluice.v1.Advice.$Properties {
        }

        class Advice {
            constructor(properties?: sluice.v1.Advice.$Properties);
            $unknowns?: Uint8Array[];
            level: number;
            actions: sluice.v1.Advice.Action[];
            static create(properties: sluice.v1.Advice.$Shape): sluice.v1.Advice & sluice.v1.Advice.$Shape;
            static create(properties?: sluice.v1.Advice.$Properties): sluice.v1.Advice;
            static encode(message: sluice.v1.Advice.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Advice & sluice.v1.Advice.$Shape;
        }

        namespace Advice {
            interface $Properties {
                level?: (number|null);
                actions?: (sluice.v1.Advice.Action[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Advice.$Properties;

            enum Action {
                none = 0,
                reduceFrequency = 1,
                bypassOnPath = 2,
                narrowRetrieval = 3,
                singleTool = 4,
                concise = 5,
                clientOnly = 6
            }
        }

        interface ICaption extends sluice.v1.Caption.$Properties {
        }

        class Caption {
            constructor(properties?: sluice.v1.Caption.$Properties);
            $unknowns?: Uint8Array[];
            stream: string;
            segment: number;
            mode: sluice.v1.Caption.Mode;
            epoch: number;
            revision: number;
            offset: number;
            text: string;
            state: sluice.v1.Caption.State;
            totalLen?: (number|null);
            hash?: (number|null);
            keepPrefix?: (number|null);
            baseRevision?: (number|null);
            confidence?: (number|null);
            speaker: string;
            lang: string;
            model: string;
            modelVersion: string;
            static create(properties: sluice.v1.Caption.$Shape): sluice.v1.Caption & sluice.v1.Caption.$Shape;
            static create(properties?: sluice.v1.Caption.$Properties): sluice.v1.Caption;
            static encode(message: sluice.v1.Caption.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Caption & sluice.v1.Caption.$Shape;
        }

        namespace Caption {
            interface $Properties {
                stream?: (string|null);
                segment?: (number|null);
                mode?: (sluice.v1.Caption.Mode|null);
                epoch?: (number|null);
                revision?: (number|null);
                offset?: (number|null);
                text?: (string|null);
                state?: (sluice.v1.Caption.State|null);
                totalLen?: (number|null);
                hash?: (number|null);
                keepPrefix?: (number|null);
                baseRevision?: (number|null);
                confidence?: (number|null);
                speaker?: (string|null);
                lang?: (string|null);
                model?: (string|null);
                modelVersion?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Caption.$Properties;

            enum Mode {
                replace = 0,
                append = 1
            }

            enum State {
                open = 0,
                completed = 1,
                failed = 2,
                truncated = 3,
                abandoned = 4
            }
        }

        interface IModeration extends sluice.v1.Moderation.$Properties {
        }

        class Moderation {
            constructor(properties?: sluice.v1.Moderation.$Properties);
            $unknowns?: Uint8Array[];
            messageId: string;
            target: string;
            verdict: string;
            action: string;
            confidence?: (number|null);
            static create(properties: sluice.v1.Moderation.$Shape): sluice.v1.Moderation & sluice.v1.Moderation.$Shape;
            static create(properties?: sluice.v1.Moderation.$Properties): sluice.v1.Moderation;
            static encode(message: sluice.v1.Moderation.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Moderation & sluice.v1.Moderation.$Shape;
        }

        namespace Moderation {
            interface $Properties {
                messageId?: (string|null);
                target?: (string|null);
                verdict?: (string|null);
                action?: (string|null);
                confidence?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Moderation.$Properties;
        }

        interface IKeyedValue extends sluice.v1.KeyedValue.$Properties {
        }

        class KeyedValue {
            constructor(properties?: sluice.v1.KeyedValue.$Properties);
            $unknowns?: Uint8Array[];
            key: string;
            value: Uint8Array;
            static create(properties: sluice.v1.KeyedValue.$Shape): sluice.v1.KeyedValue & sluice.v1.KeyedValue.$Shape;
            static create(properties?: sluice.v1.KeyedValue.$Properties): sluice.v1.KeyedValue;
            static encode(message: sluice.v1.KeyedValue.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.KeyedValue & sluice.v1.KeyedValue.$Shape;
        }

        namespace KeyedValue {
            interface $Properties {
                key?: (string|null);
                value?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.KeyedValue.$Properties;
        }

        interface IAgentTurn extends sluice.v1.AgentTurn.$Properties {
        }

        class AgentTurn {
            constructor(properties?: sluice.v1.AgentTurn.$Properties);
            $unknowns?: Uint8Array[];
            turn: string;
            request?: (number|null);
            phase: sluice.v1.AgentTurn.Phase;
            offset: number;
            text: string;
            modelTokens?: (number|null);
            model?: (string|null);
            static create(properties: sluice.v1.AgentTurn.$Shape): sluice.v1.AgentTurn & sluice.v1.AgentTurn.$Shape;
            static create(properties?: sluice.v1.AgentTurn.$Properties): sluice.v1.AgentTurn;
            static encode(message: sluice.v1.AgentTurn.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.AgentTurn & sluice.v1.AgentTurn.$Shape;
        }

        namespace AgentTurn {
            interface $Properties {
                turn?: (string|null);
                request?: (number|null);
                phase?: (sluice.v1.AgentTurn.Phase|null);
                offset?: (number|null);
                text?: (string|null);
                modelTokens?: (number|null);
                model?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.AgentTurn.$Properties;

            enum Phase {
                started = 0,
                delta = 1,
                done = 2,
                interrupted = 3,
                failed = 4
            }
        }

        interface IToolCall extends sluice.v1.ToolCall.$Properties {
        }

        class ToolCall {
            constructor(properties?: sluice.v1.ToolCall.$Properties);
            $unknowns?: Uint8Array[];
            messageId: string;
            call: string;
            turn: string;
            phase: sluice.v1.ToolCall.Phase;
            name: string;
            payload: Uint8Array;
            static create(properties: sluice.v1.ToolCall.$Shape): sluice.v1.ToolCall & sluice.v1.ToolCall.$Shape;
            static create(properties?: sluice.v1.ToolCall.$Properties): sluice.v1.ToolCall;
            static encode(message: sluice.v1.ToolCall.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.ToolCall & sluice.v1.ToolCall.$Shape;
        }

        namespace ToolCall {
            interface $Properties {
                messageId?: (string|null);
                call?: (string|null);
                turn?: (string|null);
                phase?: (sluice.v1.ToolCall.Phase|null);
                name?: (string|null);
                payload?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.ToolCall.$Properties;

            enum Phase {
                started = 0,
                progress = 1,
                done = 2,
                failed = 3
            }
        }

        interface IRetrieval extends sluice.v1.Retrieval.$Properties {
        }

        class Retrieval {
            constructor(properties?: sluice.v1.Retrieval.$Properties);
            $unknowns?: Uint8Array[];
            turn: string;
            outcome: sluice.v1.Retrieval.Outcome;
            elapsedMs: number;
            static create(properties: sluice.v1.Retrieval.$Shape): sluice.v1.Retrieval & sluice.v1.Retrieval.$Shape;
            static create(properties?: sluice.v1.Retrieval.$Properties): sluice.v1.Retrieval;
            static encode(message: sluice.v1.Retrieval.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Retrieval & sluice.v1.Retrieval.$Shape;
        }

        namespace Retrieval {
            interface $Properties {
                turn?: (string|null);
                outcome?: (sluice.v1.Retrieval.Outcome|null);
                elapsedMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Retrieval.$Properties;

            enum Outcome {
                hit = 0,
                miss = 1,
                fallback = 2
            }
        }

        interface IModelOutput extends sluice.v1.ModelOutput.$Properties {
        }

        class ModelOutput {
            constructor(properties?: sluice.v1.ModelOutput.$Properties);
            $unknowns?: Uint8Array[];
            payload: Uint8Array;
            model: string;
            modelVersion: string;
            static create(properties: sluice.v1.ModelOutput.$Shape): sluice.v1.ModelOutput & sluice.v1.ModelOutput.$Shape;
            static create(properties?: sluice.v1.ModelOutput.$Properties): sluice.v1.ModelOutput;
            static encode(message: sluice.v1.ModelOutput.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.ModelOutput & sluice.v1.ModelOutput.$Shape;
        }

        namespace ModelOutput {
            interface $Properties {
                payload?: (Uint8Array|null);
                model?: (string|null);
                modelVersion?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.ModelOutput.$Properties;
        }

        interface IModelState extends sluice.v1.ModelState.$Properties {
        }

        class ModelState {
            constructor(properties?: sluice.v1.ModelState.$Properties);
            $unknowns?: Uint8Array[];
            model: string;
            base: number;
            version: number;
            digest: string;
            payload: Uint8Array;
            static create(properties: sluice.v1.ModelState.$Shape): sluice.v1.ModelState & sluice.v1.ModelState.$Shape;
            static create(properties?: sluice.v1.ModelState.$Properties): sluice.v1.ModelState;
            static encode(message: sluice.v1.ModelState.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.ModelState & sluice.v1.ModelState.$Shape;
        }

        namespace ModelState {
            interface $Properties {
                model?: (string|null);
                base?: (number|null);
                version?: (number|null);
                digest?: (string|null);
                payload?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.ModelState.$Properties;
        }

        interface IFeedback extends sluice.v1.Feedback.$Properties {
        }

        class Feedback {
            constructor(properties?: sluice.v1.Feedback.$Properties);
            $unknowns?: Uint8Array[];
            messageId: string;
            ref: string;
            correction: string;
            static create(properties: sluice.v1.Feedback.$Shape): sluice.v1.Feedback & sluice.v1.Feedback.$Shape;
            static create(properties?: sluice.v1.Feedback.$Properties): sluice.v1.Feedback;
            static encode(message: sluice.v1.Feedback.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Feedback & sluice.v1.Feedback.$Shape;
        }

        namespace Feedback {
            interface $Properties {
                messageId?: (string|null);
                ref?: (string|null);
                correction?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Feedback.$Properties;
        }

        interface ISnapshotWanted extends sluice.v1.SnapshotWanted.$Properties {
        }

        class SnapshotWanted {
            constructor(properties?: sluice.v1.SnapshotWanted.$Properties);
            $unknowns?: Uint8Array[];
            stream: string;
            segment: number;
            static create(properties: sluice.v1.SnapshotWanted.$Shape): sluice.v1.SnapshotWanted & sluice.v1.SnapshotWanted.$Shape;
            static create(properties?: sluice.v1.SnapshotWanted.$Properties): sluice.v1.SnapshotWanted;
            static encode(message: sluice.v1.SnapshotWanted.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.SnapshotWanted & sluice.v1.SnapshotWanted.$Shape;
        }

        namespace SnapshotWanted {
            interface $Properties {
                stream?: (string|null);
                segment?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.SnapshotWanted.$Properties;
        }

        interface ICustom extends sluice.v1.Custom.$Properties {
        }

        class Custom {
            constructor(properties?: sluice.v1.Custom.$Properties);
            $unknowns?: Uint8Array[];
            type: string;
            label: string;
            payload: Uint8Array;
            static create(properties: sluice.v1.Custom.$Shape): sluice.v1.Custom & sluice.v1.Custom.$Shape;
            static create(properties?: sluice.v1.Custom.$Properties): sluice.v1.Custom;
            static encode(message: sluice.v1.Custom.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Custom & sluice.v1.Custom.$Shape;
        }

        namespace Custom {
            interface $Properties {
                type?: (string|null);
                label?: (string|null);
                payload?: (Uint8Array|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Custom.$Properties;
        }

        interface INodeHello extends sluice.v1.NodeHello.$Properties {
        }

        class NodeHello {
            constructor(properties?: sluice.v1.NodeHello.$Properties);
            $unknowns?: Uint8Array[];
            nodeId: string;
            role: sluice.v1.NodeHello.Role;
            region: string;
            capacity: number;
            models: string[];
            features: string[];
            static create(properties: sluice.v1.NodeHello.$Shape): sluice.v1.NodeHello & sluice.v1.NodeHello.$Shape;
            static create(properties?: sluice.v1.NodeHello.$Properties): sluice.v1.NodeHello;
            static encode(message: sluice.v1.NodeHello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeHello & sluice.v1.NodeHello.$Shape;
        }

        namespace NodeHello {
            interface $Properties {
                nodeId?: (string|null);
                role?: (sluice.v1.NodeHello.Role|null);
                region?: (string|null);
                capacity?: (number|null);
                models?: (string[]|null);
                features?: (string[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeHello.$Properties;

            enum Role {
                sfu = 0,
                inference = 1,
                gateway = 2
            }
        }

        interface IInferenceMs extends sluice.v1.InferenceMs.$Properties {
        }

        class InferenceMs {
            constructor(properties?: sluice.v1.InferenceMs.$Properties);
            $unknowns?: Uint8Array[];
            p50: number;
            p99: number;
            p999: number;
            static create(properties: sluice.v1.InferenceMs.$Shape): sluice.v1.InferenceMs & sluice.v1.InferenceMs.$Shape;
            static create(properties?: sluice.v1.InferenceMs.$Properties): sluice.v1.InferenceMs;
            static encode(message: sluice.v1.InferenceMs.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.InferenceMs & sluice.v1.InferenceMs.$Shape;
        }

        namespace InferenceMs {
            interface $Properties {
                p50?: (number|null);
                p99?: (number|null);
                p999?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.InferenceMs.$Properties;
        }

        interface INodeHeartbeat extends sluice.v1.NodeHeartbeat.$Properties {
        }

        class NodeHeartbeat {
            constructor(properties?: sluice.v1.NodeHeartbeat.$Properties);
            $unknowns?: Uint8Array[];
            load: number;
            sessions: number;
            queueDepth: number;
            gpuUtilisation?: (number|null);
            inferenceMs?: (sluice.v1.InferenceMs.$Properties|null);
            modelErrors?: (number|null);
            modelTimeouts?: (number|null);
            mediaState: string;
            egressBytes?: (number|null);
            static create(properties: sluice.v1.NodeHeartbeat.$Shape): sluice.v1.NodeHeartbeat & sluice.v1.NodeHeartbeat.$Shape;
            static create(properties?: sluice.v1.NodeHeartbeat.$Properties): sluice.v1.NodeHeartbeat;
            static encode(message: sluice.v1.NodeHeartbeat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeHeartbeat & sluice.v1.NodeHeartbeat.$Shape;
        }

        namespace NodeHeartbeat {
            interface $Properties {
                load?: (number|null);
                sessions?: (number|null);
                queueDepth?: (number|null);
                gpuUtilisation?: (number|null);
                inferenceMs?: (sluice.v1.InferenceMs.$Properties|null);
                modelErrors?: (number|null);
                modelTimeouts?: (number|null);
                mediaState?: (string|null);
                egressBytes?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeHeartbeat.$Properties;
        }

        interface INodeEvent extends sluice.v1.NodeEvent.$Properties {
        }

        class NodeEvent {
            constructor(properties?: sluice.v1.NodeEvent.$Properties);
            $unknowns?: Uint8Array[];
            hello?: (sluice.v1.NodeHello.$Properties|null);
            reply?: (sluice.v1.NodeReply.$Properties|null);
            offer?: (sluice.v1.NodeSignal.$Properties|null);
            answer?: (sluice.v1.NodeSignal.$Properties|null);
            candidate?: (sluice.v1.NodeCandidate.$Properties|null);
            heartbeat?: (sluice.v1.NodeHeartbeat.$Properties|null);
            drain?: (sluice.v1.NodeDrain.$Properties|null);
            event?: ("hello"|"reply"|"offer"|"answer"|"candidate"|"heartbeat"|"drain");
            static create(properties: sluice.v1.NodeEvent.$Shape): sluice.v1.NodeEvent & sluice.v1.NodeEvent.$Shape;
            static create(properties?: sluice.v1.NodeEvent.$Properties): sluice.v1.NodeEvent;
            static encode(message: sluice.v1.NodeEvent.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeEvent & sluice.v1.NodeEvent.$Shape;
        }

        namespace NodeEvent {
            interface $Properties {
                hello?: (sluice.v1.NodeHello.$Properties|null);
                reply?: (sluice.v1.NodeReply.$Properties|null);
                offer?: (sluice.v1.NodeSignal.$Properties|null);
                answer?: (sluice.v1.NodeSignal.$Properties|null);
                candidate?: (sluice.v1.NodeCandidate.$Properties|null);
                heartbeat?: (sluice.v1.NodeHeartbeat.$Properties|null);
                drain?: (sluice.v1.NodeDrain.$Properties|null);
                event?: ("hello"|"reply"|"offer"|"answer"|"candidate"|"heartbeat"|"drain");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              hello?: sluice.v1.NodeHello.$Shape|null;
              reply?: sluice.v1.NodeReply.$Shape|null;
              offer?: sluice.v1.NodeSignal.$Shape|null;
              answer?: sluice.v1.NodeSignal.$Shape|null;
              candidate?: sluice.v1.NodeCandidate.$Shape|null;
              heartbeat?: sluice.v1.NodeHeartbeat.$Shape|null;
              drain?: sluice.v1.NodeDrain.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ event?: undefined; hello?: null; reply?: null; offer?: null; answer?: null; candidate?: null; heartbeat?: null; drain?: null }|{ event?: "hello"; hello: sluice.v1.NodeHello.$Shape; reply?: null; offer?: null; answer?: null; candidate?: null; heartbeat?: null; drain?: null }|{ event?: "reply"; hello?: null; reply: sluice.v1.NodeReply.$Shape; offer?: null; answer?: null; candidate?: null; heartbeat?: null; drain?: null }|{ event?: "offer"; hello?: null; reply?: null; offer: sluice.v1.NodeSignal.$Shape; answer?: null; candidate?: null; heartbeat?: null; drain?: null }|{ event?: "answer"; hello?: null; reply?: null; offer?: null; answer: sluice.v1.NodeSignal.$Shape; candidate?: null; heartbeat?: null; drain?: null }|{ event?: "candidate"; hello?: null; reply?: null; offer?: null; answer?: null; candidate: sluice.v1.NodeCandidate.$Shape; heartbeat?: null; drain?: null }|{ event?: "heartbeat"; hello?: null; reply?: null; offer?: null; answer?: null; candidate?: null; heartbeat: sluice.v1.NodeHeartbeat.$Shape; drain?: null }|{ event?: "drain"; hello?: null; reply?: null; offer?: null; answer?: null; candidate?: null; heartbeat?: null; drain: sluice.v1.NodeDrain.$Shape })
            );
        }

        interface INodeReply extends sluice.v1.NodeReply.$Properties {
        }

        class NodeReply {
            constructor(properties?: sluice.v1.NodeReply.$Properties);
            $unknowns?: Uint8Array[];
            command: number;
            error: string;
            reason: string;
            answer?: (sluice.v1.NodeSignal.$Properties|null);
            static create(properties: sluice.v1.NodeReply.$Shape): sluice.v1.NodeReply & sluice.v1.NodeReply.$Shape;
            static create(properties?: sluice.v1.NodeReply.$Properties): sluice.v1.NodeReply;
            static encode(message: sluice.v1.NodeReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeReply & sluice.v1.NodeReply.$Shape;
        }

        namespace NodeReply {
            interface $Properties {
                command?: (number|null);
                error?: (string|null);
                reason?: (string|null);
                answer?: (sluice.v1.NodeSignal.$Properties|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeReply.$Properties;
        }

        interface INodeSignal extends sluice.v1.NodeSignal.$Properties {
        }

        class NodeSignal {
            constructor(properties?: sluice.v1.NodeSignal.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            connection: string;
            offerId: string;
            sdp: string;
            static create(properties: sluice.v1.NodeSignal.$Shape): sluice.v1.NodeSignal & sluice.v1.NodeSignal.$Shape;
            static create(properties?: sluice.v1.NodeSignal.$Properties): sluice.v1.NodeSignal;
            static encode(message: sluice.v1.NodeSignal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeSignal & sluice.v1.NodeSignal.$Shape;
        }

        namespace NodeSignal {
            interface $Properties {
                session?: (string|null);
                connection?: (string|null);
                offerId?: (string|null);
                sdp?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeSignal.$Properties;
        }

        interface INodeCandidate extends sluice.v1.NodeCandidate.$Properties {
        }

        class NodeCandidate {
            constructor(properties?: sluice.v1.NodeCandidate.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            connection: string;
            candidate: string;
            sdpMid: string;
            sdpMLineIndex?: (number|null);
            static create(properties: sluice.v1.NodeCandidate.$Shape): sluice.v1.NodeCandidate & sluice.v1.NodeCandidate.$Shape;
            static create(properties?: sluice.v1.NodeCandidate.$Properties): sluice.v1.NodeCandidate;
            static encode(message: sluice.v1.NodeCandidate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeCandidate & sluice.v1.NodeCandidate.$Shape;
        }

        namespace NodeCandidate {
            interface $Properties {
                session?: (string|null);
                connection?: (string|null);
                candidate?: (string|null);
                sdpMid?: (string|null);
                sdpMLineIndex?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeCandidate.$Properties;
        }

        interface INodeDrain extends sluice.v1.NodeDrain.$Properties {
        }

        class NodeDrain {
            constructor(properties?: sluice.v1.NodeDrain.$Properties);
            $unknowns?: Uint8Array[];
            afterMs: number;
            static create(properties: sluice.v1.NodeDrain.$Shape): sluice.v1.NodeDrain & sluice.v1.NodeDrain.$Shape;
            static create(properties?: sluice.v1.NodeDrain.$Properties): sluice.v1.NodeDrain;
            static encode(message: sluice.v1.NodeDrain.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeDrain & sluice.v1.NodeDrain.$Shape;
        }

        namespace NodeDrain {
            interface $Properties {
                afterMs?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeDrain.$Properties;
        }

        interface INodeCommand extends sluice.v1.NodeCommand.$Properties {
        }

        class NodeCommand {
            constructor(properties?: sluice.v1.NodeCommand.$Properties);
            $unknowns?: Uint8Array[];
            command: number;
            deadlineMs: number;
            gateway?: (sluice.v1.GatewayHello.$Properties|null);
            open?: (sluice.v1.OpenSession.$Properties|null);
            close?: (sluice.v1.CloseSession.$Properties|null);
            offer?: (sluice.v1.NodeSignal.$Properties|null);
            answer?: (sluice.v1.NodeSignal.$Properties|null);
            candidate?: (sluice.v1.NodeCandidate.$Properties|null);
            mute?: (sluice.v1.MuteTrack.$Properties|null);
            request?: (sluice.v1.NodeRequest.$Properties|null);
            cancel?: (sluice.v1.NodeCancel.$Properties|null);
            interrupt?: (sluice.v1.NodeInterrupt.$Properties|null);
            bypass?: (sluice.v1.Bypass.$Properties|null);
            prewarm?: (sluice.v1.Prewarm.$Properties|null);
            advice?: (sluice.v1.Advice.$Properties|null);
            move?: (sluice.v1.Move.$Properties|null);
            action?: ("gateway"|"open"|"close"|"offer"|"answer"|"candidate"|"mute"|"request"|"cancel"|"interrupt"|"bypass"|"prewarm"|"advice"|"move");
            static create(properties: sluice.v1.NodeCommand.$Shape): sluice.v1.NodeCommand & sluice.v1.NodeCommand.$Shape;
            static create(properties?: sluice.v1.NodeCommand.$Properties): sluice.v1.NodeCommand;
            static encode(message: sluice.v1.NodeCommand.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeCommand & sluice.v1.NodeCommand.$Shape;
        }

        namespace NodeCommand {
            interface $Properties {
                command?: (number|null);
                deadlineMs?: (number|null);
                gateway?: (sluice.v1.GatewayHello.$Properties|null);
                open?: (sluice.v1.OpenSession.$Properties|null);
                close?: (sluice.v1.CloseSession.$Properties|null);
                offer?: (sluice.v1.NodeSignal.$Properties|null);
                answer?: (sluice.v1.NodeSignal.$Properties|null);
                candidate?: (sluice.v1.NodeCandidate.$Properties|null);
                mute?: (sluice.v1.MuteTrack.$Properties|null);
                request?: (sluice.v1.NodeRequest.$Properties|null);
                cancel?: (sluice.v1.NodeCancel.$Properties|null);
                interrupt?: (sluice.v1.NodeInterrupt.$Properties|null);
                bypass?: (sluice.v1.Bypass.$Properties|null);
                prewarm?: (sluice.v1.Prewarm.$Properties|null);
                advice?: (sluice.v1.Advice.$Properties|null);
                move?: (sluice.v1.Move.$Properties|null);
                action?: ("gateway"|"open"|"close"|"offer"|"answer"|"candidate"|"mute"|"request"|"cancel"|"interrupt"|"bypass"|"prewarm"|"advice"|"move");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              command?: number|null;
              deadlineMs?: number|null;
              gateway?: sluice.v1.GatewayHello.$Shape|null;
              open?: sluice.v1.OpenSession.$Shape|null;
              close?: sluice.v1.CloseSession.$Shape|null;
              offer?: sluice.v1.NodeSignal.$Shape|null;
              answer?: sluice.v1.NodeSignal.$Shape|null;
              candidate?: sluice.v1.NodeCandidate.$Shape|null;
              mute?: sluice.v1.MuteTrack.$Shape|null;
              request?: sluice.v1.NodeRequest.$Shape|null;
              cancel?: sluice.v1.NodeCancel.$Shape|null;
              interrupt?: sluice.v1.NodeInterrupt.$Shape|null;
              bypass?: sluice.v1.Bypass.$Shape|null;
              prewarm?: sluice.v1.Prewarm.$Shape|null;
              advice?: sluice.v1.Advice.$Shape|null;
              move?: sluice.v1.Move.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ action?: undefined; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "gateway"; gateway: sluice.v1.GatewayHello.$Shape; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "open"; gateway?: null; open: sluice.v1.OpenSession.$Shape; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "close"; gateway?: null; open?: null; close: sluice.v1.CloseSession.$Shape; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "offer"; gateway?: null; open?: null; close?: null; offer: sluice.v1.NodeSignal.$Shape; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "answer"; gateway?: null; open?: null; close?: null; offer?: null; answer: sluice.v1.NodeSignal.$Shape; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "candidate"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate: sluice.v1.NodeCandidate.$Shape; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "mute"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute: sluice.v1.MuteTrack.$Shape; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "request"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request: sluice.v1.NodeRequest.$Shape; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "cancel"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel: sluice.v1.NodeCancel.$Shape; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "interrupt"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt: sluice.v1.NodeInterrupt.$Shape; bypass?: null; prewarm?: null; advice?: null; move?: null }|{ action?: "bypass"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass: sluice.v1.Bypass.$Shape; prewarm?: null; advice?: null; move?: null }|{ action?: "prewarm"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm: sluice.v1.Prewarm.$Shape; advice?: null; move?: null }|{ action?: "advice"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice: sluice.v1.Advice.$Shape; move?: null }|{ action?: "move"; gateway?: null; open?: null; close?: null; offer?: null; answer?: null; candidate?: null; mute?: null; request?: null; cancel?: null; interrupt?: null; bypass?: null; prewarm?: null; advice?: null; move: sluice.v1.Move.$Shape })
            );
        }

        interface IGatewayHello extends sluice.v1.GatewayHello.$Properties {
        }

        class GatewayHello {
            constructor(properties?: sluice.v1.GatewayHello.$Properties);
            $unknowns?: Uint8Array[];
            gatewayId: string;
            workers: string[];
            gateways: string[];
            classes: { [k: string]: string };
            static create(properties: sluice.v1.GatewayHello.$Shape): sluice.v1.GatewayHello & sluice.v1.GatewayHello.$Shape;
            static create(properties?: sluice.v1.GatewayHello.$Properties): sluice.v1.GatewayHello;
            static encode(message: sluice.v1.GatewayHello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.GatewayHello & sluice.v1.GatewayHello.$Shape;
        }

        namespace GatewayHello {
            interface $Properties {
                gatewayId?: (string|null);
                workers?: (string[]|null);
                gateways?: (string[]|null);
                classes?: ({ [k: string]: string }|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.GatewayHello.$Properties;
        }

        interface IRights extends sluice.v1.Rights.$Properties {
        }

        class Rights {
            constructor(properties?: sluice.v1.Rights.$Properties);
            $unknowns?: Uint8Array[];
            canPublish: boolean;
            canSubscribe: boolean;
            canPublishData: boolean;
            hidden: boolean;
            static create(properties: sluice.v1.Rights.$Shape): sluice.v1.Rights & sluice.v1.Rights.$Shape;
            static create(properties?: sluice.v1.Rights.$Properties): sluice.v1.Rights;
            static encode(message: sluice.v1.Rights.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Rights & sluice.v1.Rights.$Shape;
        }

        namespace Rights {
            interface $Properties {
                canPublish?: (boolean|null);
                canSubscribe?: (boolean|null);
                canPublishData?: (boolean|null);
                hidden?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Rights.$Properties;
        }

        interface IOpenSession extends sluice.v1.OpenSession.$Properties {
        }

        class OpenSession {
            constructor(properties?: sluice.v1.OpenSession.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            tenant: string;
            room: string;
            identity: string;
            rights?: (sluice.v1.Rights.$Properties|null);
            metadataAddress: string;
            static create(properties: sluice.v1.OpenSession.$Shape): sluice.v1.OpenSession & sluice.v1.OpenSession.$Shape;
            static create(properties?: sluice.v1.OpenSession.$Properties): sluice.v1.OpenSession;
            static encode(message: sluice.v1.OpenSession.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.OpenSession & sluice.v1.OpenSession.$Shape;
        }

        namespace OpenSession {
            interface $Properties {
                session?: (string|null);
                tenant?: (string|null);
                room?: (string|null);
                identity?: (string|null);
                rights?: (sluice.v1.Rights.$Properties|null);
                metadataAddress?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.OpenSession.$Properties;
        }

        interface ICloseSession extends sluice.v1.CloseSession.$Properties {
        }

        class CloseSession {
            constructor(properties?: sluice.v1.CloseSession.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            reason: string;
            static create(properties: sluice.v1.CloseSession.$Shape): sluice.v1.CloseSession & sluice.v1.CloseSession.$Shape;
            static create(properties?: sluice.v1.CloseSession.$Properties): sluice.v1.CloseSession;
            static encode(message: sluice.v1.CloseSession.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.CloseSession & sluice.v1.CloseSession.$Shape;
        }

        namespace CloseSession {
            interface $Properties {
                session?: (string|null);
                reason?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.CloseSession.$Properties;
        }

        interface IMuteTrack extends sluice.v1.MuteTrack.$Properties {
        }

        class MuteTrack {
            constructor(properties?: sluice.v1.MuteTrack.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            track: string;
            muted: boolean;
            static create(properties: sluice.v1.MuteTrack.$Shape): sluice.v1.MuteTrack & sluice.v1.MuteTrack.$Shape;
            static create(properties?: sluice.v1.MuteTrack.$Properties): sluice.v1.MuteTrack;
            static encode(message: sluice.v1.MuteTrack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.MuteTrack & sluice.v1.MuteTrack.$Shape;
        }

        namespace MuteTrack {
            interface $Properties {
                session?: (string|null);
                track?: (string|null);
                muted?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.MuteTrack.$Properties;
        }

        interface INodeRequest extends sluice.v1.NodeRequest.$Properties {
        }

        class NodeRequest {
            constructor(properties?: sluice.v1.NodeRequest.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            request: number;
            feature: string;
            workflow: string;
            payload: Uint8Array;
            deadlineMs: number;
            cost: number;
            static create(properties: sluice.v1.NodeRequest.$Shape): sluice.v1.NodeRequest & sluice.v1.NodeRequest.$Shape;
            static create(properties?: sluice.v1.NodeRequest.$Properties): sluice.v1.NodeRequest;
            static encode(message: sluice.v1.NodeRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeRequest & sluice.v1.NodeRequest.$Shape;
        }

        namespace NodeRequest {
            interface $Properties {
                session?: (string|null);
                request?: (number|null);
                feature?: (string|null);
                workflow?: (string|null);
                payload?: (Uint8Array|null);
                deadlineMs?: (number|null);
                cost?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeRequest.$Properties;
        }

        interface INodeCancel extends sluice.v1.NodeCancel.$Properties {
        }

        class NodeCancel {
            constructor(properties?: sluice.v1.NodeCancel.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            request: number;
            static create(properties: sluice.v1.NodeCancel.$Shape): sluice.v1.NodeCancel & sluice.v1.NodeCancel.$Shape;
            static create(properties?: sluice.v1.NodeCancel.$Properties): sluice.v1.NodeCancel;
            static encode(message: sluice.v1.NodeCancel.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeCancel & sluice.v1.NodeCancel.$Shape;
        }

        namespace NodeCancel {
            interface $Properties {
                session?: (string|null);
                request?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeCancel.$Properties;
        }

        interface INodeInterrupt extends sluice.v1.NodeInterrupt.$Properties {
        }

        class NodeInterrupt {
            constructor(properties?: sluice.v1.NodeInterrupt.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            turn: string;
            static create(properties: sluice.v1.NodeInterrupt.$Shape): sluice.v1.NodeInterrupt & sluice.v1.NodeInterrupt.$Shape;
            static create(properties?: sluice.v1.NodeInterrupt.$Properties): sluice.v1.NodeInterrupt;
            static encode(message: sluice.v1.NodeInterrupt.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeInterrupt & sluice.v1.NodeInterrupt.$Shape;
        }

        namespace NodeInterrupt {
            interface $Properties {
                session?: (string|null);
                turn?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeInterrupt.$Properties;
        }

        interface IBypass extends sluice.v1.Bypass.$Properties {
        }

        class Bypass {
            constructor(properties?: sluice.v1.Bypass.$Properties);
            $unknowns?: Uint8Array[];
            feature: string;
            ended: boolean;
            static create(properties: sluice.v1.Bypass.$Shape): sluice.v1.Bypass & sluice.v1.Bypass.$Shape;
            static create(properties?: sluice.v1.Bypass.$Properties): sluice.v1.Bypass;
            static encode(message: sluice.v1.Bypass.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Bypass & sluice.v1.Bypass.$Shape;
        }

        namespace Bypass {
            interface $Properties {
                feature?: (string|null);
                ended?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Bypass.$Properties;
        }

        interface IPrewarm extends sluice.v1.Prewarm.$Properties {
        }

        class Prewarm {
            constructor(properties?: sluice.v1.Prewarm.$Properties);
            $unknowns?: Uint8Array[];
            tenant: string;
            room: string;
            static create(properties: sluice.v1.Prewarm.$Shape): sluice.v1.Prewarm & sluice.v1.Prewarm.$Shape;
            static create(properties?: sluice.v1.Prewarm.$Properties): sluice.v1.Prewarm;
            static encode(message: sluice.v1.Prewarm.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Prewarm & sluice.v1.Prewarm.$Shape;
        }

        namespace Prewarm {
            interface $Properties {
                tenant?: (string|null);
                room?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Prewarm.$Properties;
        }

        interface IMove extends sluice.v1.Move.$Properties {
        }

        class Move {
            constructor(properties?: sluice.v1.Move.$Properties);
            $unknowns?: Uint8Array[];
            tenant: string;
            room: string;
            node: string;
            static create(properties: sluice.v1.Move.$Shape): sluice.v1.Move & sluice.v1.Move.$Shape;
            static create(properties?: sluice.v1.Move.$Properties): sluice.v1.Move;
            static encode(message: sluice.v1.Move.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Move & sluice.v1.Move.$Shape;
        }

        namespace Move {
            interface $Properties {
                tenant?: (string|null);
                room?: (string|null);
                node?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Move.$Properties;
        }

        interface INodeUp extends sluice.v1.NodeUp.$Properties {
        }

        class NodeUp {
            constructor(properties?: sluice.v1.NodeUp.$Properties);
            $unknowns?: Uint8Array[];
            hello?: (sluice.v1.NodeHello.$Properties|null);
            batch?: (sluice.v1.NodeBatch.$Properties|null);
            sessionUpdate?: (sluice.v1.SessionUpdate.$Properties|null);
            watch?: (sluice.v1.Watch.$Properties|null);
            ack?: (sluice.v1.SessionAck.$Properties|null);
            up?: ("hello"|"batch"|"sessionUpdate"|"watch"|"ack");
            static create(properties: sluice.v1.NodeUp.$Shape): sluice.v1.NodeUp & sluice.v1.NodeUp.$Shape;
            static create(properties?: sluice.v1.NodeUp.$Properties): sluice.v1.NodeUp;
            static encode(message: sluice.v1.NodeUp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeUp & sluice.v1.NodeUp.$Shape;
        }

        namespace NodeUp {
            interface $Properties {
                hello?: (sluice.v1.NodeHello.$Properties|null);
                batch?: (sluice.v1.NodeBatch.$Properties|null);
                sessionUpdate?: (sluice.v1.SessionUpdate.$Properties|null);
                watch?: (sluice.v1.Watch.$Properties|null);
                ack?: (sluice.v1.SessionAck.$Properties|null);
                up?: ("hello"|"batch"|"sessionUpdate"|"watch"|"ack");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              hello?: sluice.v1.NodeHello.$Shape|null;
              batch?: sluice.v1.NodeBatch.$Shape|null;
              sessionUpdate?: sluice.v1.SessionUpdate.$Shape|null;
              watch?: sluice.v1.Watch.$Shape|null;
              ack?: sluice.v1.SessionAck.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ up?: undefined; hello?: null; batch?: null; sessionUpdate?: null; watch?: null; ack?: null }|{ up?: "hello"; hello: sluice.v1.NodeHello.$Shape; batch?: null; sessionUpdate?: null; watch?: null; ack?: null }|{ up?: "batch"; hello?: null; batch: sluice.v1.NodeBatch.$Shape; sessionUpdate?: null; watch?: null; ack?: null }|{ up?: "sessionUpdate"; hello?: null; batch?: null; sessionUpdate: sluice.v1.SessionUpdate.$Shape; watch?: null; ack?: null }|{ up?: "watch"; hello?: null; batch?: null; sessionUpdate?: null; watch: sluice.v1.Watch.$Shape; ack?: null }|{ up?: "ack"; hello?: null; batch?: null; sessionUpdate?: null; watch?: null; ack: sluice.v1.SessionAck.$Shape })
            );
        }

        interface INodeBatch extends sluice.v1.NodeBatch.$Properties {
        }

        class NodeBatch {
            constructor(properties?: sluice.v1.NodeBatch.$Properties);
            $unknowns?: Uint8Array[];
            frames: Uint8Array[];
            session: string;
            policyVersion: number;
            classNames: string[];
            classes: number[];
            static create(properties: sluice.v1.NodeBatch.$Shape): sluice.v1.NodeBatch & sluice.v1.NodeBatch.$Shape;
            static create(properties?: sluice.v1.NodeBatch.$Properties): sluice.v1.NodeBatch;
            static encode(message: sluice.v1.NodeBatch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeBatch & sluice.v1.NodeBatch.$Shape;
        }

        namespace NodeBatch {
            interface $Properties {
                frames?: (Uint8Array[]|null);
                session?: (string|null);
                policyVersion?: (number|null);
                classNames?: (string[]|null);
                classes?: (number[]|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.NodeBatch.$Properties;
        }

        interface IWatch extends sluice.v1.Watch.$Properties {
        }

        class Watch {
            constructor(properties?: sluice.v1.Watch.$Properties);
            $unknowns?: Uint8Array[];
            tenant: string;
            room: string;
            kinds: sluice.v1.Kind[];
            stop: boolean;
            static create(properties: sluice.v1.Watch.$Shape): sluice.v1.Watch & sluice.v1.Watch.$Shape;
            static create(properties?: sluice.v1.Watch.$Properties): sluice.v1.Watch;
            static encode(message: sluice.v1.Watch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Watch & sluice.v1.Watch.$Shape;
        }

        namespace Watch {
            interface $Properties {
                tenant?: (string|null);
                room?: (string|null);
                kinds?: (sluice.v1.Kind[]|null);
                stop?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Watch.$Properties;
        }

        interface ISessionUpdate extends sluice.v1.SessionUpdate.$Properties {
        }

        class SessionUpdate {
            constructor(properties?: sluice.v1.SessionUpdate.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            tenant: string;
            room: string;
            identity: string;
            rights?: (sluice.v1.Rights.$Properties|null);
            agent: boolean;
            resumeToken: string;
            mixed: boolean;
            json: boolean;
            subscription?: (sluice.v1.Subscription.$Properties|null);
            consent: { [k: string]: boolean };
            ended: boolean;
            bound: boolean;
            classes: string[];
            captionDelta: boolean;
            static create(properties: sluice.v1.SessionUpdate.$Shape): sluice.v1.SessionUpdate & sluice.v1.SessionUpdate.$Shape;
            static create(properties?: sluice.v1.SessionUpdate.$Properties): sluice.v1.SessionUpdate;
            static encode(message: sluice.v1.SessionUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.SessionUpdate & sluice.v1.SessionUpdate.$Shape;
        }

        namespace SessionUpdate {
            interface $Properties {
                session?: (string|null);
                tenant?: (string|null);
                room?: (string|null);
                identity?: (string|null);
                rights?: (sluice.v1.Rights.$Properties|null);
                agent?: (boolean|null);
                resumeToken?: (string|null);
                mixed?: (boolean|null);
                json?: (boolean|null);
                subscription?: (sluice.v1.Subscription.$Properties|null);
                consent?: ({ [k: string]: boolean }|null);
                ended?: (boolean|null);
                bound?: (boolean|null);
                classes?: (string[]|null);
                captionDelta?: (boolean|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.SessionUpdate.$Properties;
        }

        interface ISessionAck extends sluice.v1.SessionAck.$Properties {
        }

        class SessionAck {
            constructor(properties?: sluice.v1.SessionAck.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            upTo: number;
            static create(properties: sluice.v1.SessionAck.$Shape): sluice.v1.SessionAck & sluice.v1.SessionAck.$Shape;
            static create(properties?: sluice.v1.SessionAck.$Properties): sluice.v1.SessionAck;
            static encode(message: sluice.v1.SessionAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.SessionAck & sluice.v1.SessionAck.$Shape;
        }

        namespace SessionAck {
            interface $Properties {
                session?: (string|null);
                upTo?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.SessionAck.$Properties;
        }

        interface INodeDown extends sluice.v1.NodeDown.$Properties {
        }

        class NodeDown {
            constructor(properties?: sluice.v1.NodeDown.$Properties);
            $unknowns?: Uint8Array[];
            gateway?: (sluice.v1.GatewayHello.$Properties|null);
            batch?: (sluice.v1.NodeBatch.$Properties|null);
            credit?: (sluice.v1.Credit.$Properties|null);
            accepted?: (sluice.v1.Accepted.$Properties|null);
            snapshotWanted?: (sluice.v1.SnapshotWanted.$Properties|null);
            throttled?: (sluice.v1.Throttled.$Properties|null);
            advice?: (sluice.v1.Advice.$Properties|null);
            deliver?: (sluice.v1.Deliver.$Properties|null);
            moved?: (sluice.v1.Moved.$Properties|null);
            down?: ("gateway"|"batch"|"credit"|"accepted"|"snapshotWanted"|"throttled"|"advice"|"deliver"|"moved");
            static create(properties: sluice.v1.NodeDown.$Shape): sluice.v1.NodeDown & sluice.v1.NodeDown.$Shape;
            static create(properties?: sluice.v1.NodeDown.$Properties): sluice.v1.NodeDown;
            static encode(message: sluice.v1.NodeDown.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.NodeDown & sluice.v1.NodeDown.$Shape;
        }

        namespace NodeDown {
            interface $Properties {
                gateway?: (sluice.v1.GatewayHello.$Properties|null);
                batch?: (sluice.v1.NodeBatch.$Properties|null);
                credit?: (sluice.v1.Credit.$Properties|null);
                accepted?: (sluice.v1.Accepted.$Properties|null);
                snapshotWanted?: (sluice.v1.SnapshotWanted.$Properties|null);
                throttled?: (sluice.v1.Throttled.$Properties|null);
                advice?: (sluice.v1.Advice.$Properties|null);
                deliver?: (sluice.v1.Deliver.$Properties|null);
                moved?: (sluice.v1.Moved.$Properties|null);
                down?: ("gateway"|"batch"|"credit"|"accepted"|"snapshotWanted"|"throttled"|"advice"|"deliver"|"moved");
                $unknowns?: Uint8Array[];
            }
            type $Shape = {
              gateway?: sluice.v1.GatewayHello.$Shape|null;
              batch?: sluice.v1.NodeBatch.$Shape|null;
              credit?: sluice.v1.Credit.$Shape|null;
              accepted?: sluice.v1.Accepted.$Shape|null;
              snapshotWanted?: sluice.v1.SnapshotWanted.$Shape|null;
              throttled?: sluice.v1.Throttled.$Shape|null;
              advice?: sluice.v1.Advice.$Shape|null;
              deliver?: sluice.v1.Deliver.$Shape|null;
              moved?: sluice.v1.Moved.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ down?: undefined; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "gateway"; gateway: sluice.v1.GatewayHello.$Shape; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "batch"; gateway?: null; batch: sluice.v1.NodeBatch.$Shape; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "credit"; gateway?: null; batch?: null; credit: sluice.v1.Credit.$Shape; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "accepted"; gateway?: null; batch?: null; credit?: null; accepted: sluice.v1.Accepted.$Shape; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "snapshotWanted"; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted: sluice.v1.SnapshotWanted.$Shape; throttled?: null; advice?: null; deliver?: null; moved?: null }|{ down?: "throttled"; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled: sluice.v1.Throttled.$Shape; advice?: null; deliver?: null; moved?: null }|{ down?: "advice"; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice: sluice.v1.Advice.$Shape; deliver?: null; moved?: null }|{ down?: "deliver"; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver: sluice.v1.Deliver.$Shape; moved?: null }|{ down?: "moved"; gateway?: null; batch?: null; credit?: null; accepted?: null; snapshotWanted?: null; throttled?: null; advice?: null; deliver?: null; moved: sluice.v1.Moved.$Shape })
            );
        }

        interface IDeliver extends sluice.v1.Deliver.$Properties {
        }

        class Deliver {
            constructor(properties?: sluice.v1.Deliver.$Properties);
            $unknowns?: Uint8Array[];
            session: string;
            message: Uint8Array;
            close: boolean;
            code: number;
            static create(properties: sluice.v1.Deliver.$Shape): sluice.v1.Deliver & sluice.v1.Deliver.$Shape;
            static create(properties?: sluice.v1.Deliver.$Properties): sluice.v1.Deliver;
            static encode(message: sluice.v1.Deliver.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Deliver & sluice.v1.Deliver.$Shape;
        }

        namespace Deliver {
            interface $Properties {
                session?: (string|null);
                message?: (Uint8Array|null);
                close?: (boolean|null);
                code?: (number|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Deliver.$Properties;
        }

        interface IMoved extends sluice.v1.Moved.$Properties {
        }

        class Moved {
            constructor(properties?: sluice.v1.Moved.$Properties);
            $unknowns?: Uint8Array[];
            tenant: string;
            room: string;
            address: string;
            static create(properties: sluice.v1.Moved.$Shape): sluice.v1.Moved & sluice.v1.Moved.$Shape;
            static create(properties?: sluice.v1.Moved.$Properties): sluice.v1.Moved;
            static encode(message: sluice.v1.Moved.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): sluice.v1.Moved & sluice.v1.Moved.$Shape;
        }

        namespace Moved {
            interface $Properties {
                tenant?: (string|null);
                room?: (string|null);
                address?: (string|null);
                $unknowns?: Uint8Array[];
            }
            type $Shape = sluice.v1.Moved.$Properties;
        }
    }
}
